"""An index on status and area that the one by area, which begins with both, has replaced."""

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('organisations', '0006_counts_and_orders'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='enterprise',
            name='enterprise_status_area',
        ),
    ]

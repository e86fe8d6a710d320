from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('backfill', '0001_imports'),
    ]

    operations = [
        migrations.AddField(
            model_name='backfill',
            name='names',
            field=models.JSONField(default=list),
        ),
    ]

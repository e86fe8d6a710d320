"""Indexes over the few facts that supersede one or are proven by a document, and along which a class is read."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('evidence', '0003_collections_and_flags'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='fact',
            index=models.Index(fields=['evidence_class', 'id'], name='fact_of_class'),
        ),
        migrations.AddIndex(
            model_name='fact',
            index=models.Index(condition=models.Q(('supersedes__isnull', False)), fields=['supersedes'], name='fact_superseded'),
        ),
        migrations.AddIndex(
            model_name='fact',
            index=models.Index(condition=models.Q(('document__isnull', False)), fields=['document'], name='fact_proven'),
        ),
    ]

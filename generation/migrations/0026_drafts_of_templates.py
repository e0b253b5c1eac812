from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("generation", "0025_moves"),
    ]

    operations = [
        migrations.AlterField(
            model_name="composedraft",
            name="kind",
            field=models.CharField(blank=True, max_length=60),
        ),
    ]

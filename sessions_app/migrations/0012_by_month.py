"""Tracked input, agents' reports and the figures over time are kept in partitions, one a month."""

from django.db import migrations

from sessions_app.db.operations import RunSQLFile


class Migration(migrations.Migration):

    dependencies = [
        ('sessions_app', '0011_ready_for_partitions'),
    ]

    operations = [
        RunSQLFile("functions/partitions_v1"),
        RunSQLFile("tables/by_month_v1"),
    ]

"""Analytics that were old before there were checks are asked about once: apart, for it may take a while."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("sessions_app", "0029_memberships_by_person")]

    operations = [
        migrations.RunSQL(sql=["select check_again(null, null)"], reverse_sql=migrations.RunSQL.noop),
    ]

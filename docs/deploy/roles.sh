#!/bin/sh
# The three roles, made with the database: what each may do is told in docs/operations/deploy.md.
set -eu
psql --set ON_ERROR_STOP=1 --username postgres --dbname sessions \
  --set runtime="$RUNTIME_PASSWORD" --set owner="$OWNER_PASSWORD" --set backup="$BACKUP_PASSWORD" <<'SQL'
create role sessions_owner login password :'owner' createdb;
create role sessions_runtime login password :'runtime' nosuperuser nobypassrls;
create role sessions_backup login password :'backup' bypassrls;
alter database sessions owner to sessions_owner;
SQL

#!/bin/sh
# The site's own user of PostgreSQL, who owns its database and nothing else. Run by the image of PostgreSQL when it makes its
# data folder.
set -eu
psql -v ON_ERROR_STOP=1 -v password="$FIFTYNINE_DB_PASSWORD" -U postgres -d postgres <<'SQL'
create role fiftynine login password :'password' nosuperuser nocreatedb nocreaterole;
create database fiftynine owner fiftynine template template0 encoding 'UTF8';
revoke all on database fiftynine from public;
SQL

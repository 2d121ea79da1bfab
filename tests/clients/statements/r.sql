-- RODBC
select relname, nspname, relkind from pg_catalog.pg_class c, pg_catalog.pg_namespace n where relkind in ('r', 'v', 'm', 'f', 'p') and nspname like 'hospital' and relname like 'patients' and nspname not in ('pg_catalog', 'information_schema', 'pg_toast', 'pg_temp_1') and n.oid = relnamespace order by nspname, relname;;

-- RPostgreSQL
set datestyle to ISO;;

-- RPostgreSQL
select tablename from pg_tables where schemaname !='information_schema' and schemaname !='pg_catalog';;

-- RPostgreSQL
select attnotnull from pg_attribute where attrelid=12033 and attnum='2';;

-- RPostgreSQL
select a.attname from pg_attribute a, pg_class c, pg_tables t, pg_namespace nsp where a.attrelid = c.oid and c.relname = tablename and c.relnamespace = nsp.oid and a.attnum > 0 and nspname = current_schema() and schemaname = nspname and tablename = 'patients';;

-- RPostgreSQL
select attnotnull from pg_attribute where attrelid=1249 and attnum='2';;

-- RPostgreSQL
select tablename from pg_tables where schemaname !='information_schema' and schemaname !='pg_catalog' and schemaname='hospital' and tablename='patients';;

-- RPostgreSQL
select attnotnull from pg_attribute where attrelid={oid:hospital.patients} and attnum='1';;

-- RPostgreSQL
select attnotnull from pg_attribute where attrelid={oid:hospital.patients} and attnum='4';;

-- RPostgreSQL
select attnotnull from pg_attribute where attrelid={oid:hospital.patients} and attnum='6';;

-- RPostgreSQL
select attnotnull from pg_attribute where attrelid={oid:hospital.patients} and attnum='10';;


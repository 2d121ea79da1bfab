-- connect sdbc:postgresql:host=127.0.0.1 port=5498 dbname=care
set client_encoding to 'UNICODE';;

-- schemas
SELECT nspname from pg_namespace;;

-- tables
SELECT DISTINCT ON (pg_namespace.nspname, relname ) pg_namespace.nspname, relname, relkind, pg_description.description FROM pg_namespace, pg_class LEFT JOIN pg_description ON pg_class.oid = pg_description.objoid WHERE relnamespace = pg_namespace.oid AND ( relkind = 'r' OR relkind = 'v') AND pg_namespace.nspname LIKE '%' AND relname LIKE '%';;

-- columns
SELECT pg_namespace.nspname, pg_class.relname, pg_attribute.attname, pg_type.typname, pg_attribute.atttypmod, pg_attribute.attnotnull, pg_type.typdefault, pg_type.typtype, pg_get_expr(pg_attrdef.adbin, pg_attrdef.adrelid, true),pg_description.description, pg_type.typbasetype, pg_attribute.attnum FROM pg_class, pg_attribute LEFT JOIN pg_attrdef ON pg_attribute.attrelid = pg_attrdef.adrelid AND pg_attribute.attnum = pg_attrdef.adnum LEFT JOIN pg_description ON pg_attribute.attrelid = pg_description.objoid AND pg_attribute.attnum=pg_description.objsubid, pg_type, pg_namespace WHERE pg_attribute.attrelid = pg_class.oid AND pg_attribute.atttypid = pg_type.oid AND pg_class.relnamespace = pg_namespace.oid AND NOT pg_attribute.attisdropped AND pg_namespace.nspname LIKE 'hospital' AND pg_class.relname LIKE 'patients' AND pg_attribute.attname LIKE '%' ORDER BY pg_namespace.nspname, pg_class.relname, pg_attribute.attnum;;

-- pk
SELECT nmsp.nspname, cl.relname, con.conkey, con.conname, con.conrelid FROM pg_constraint as con,pg_class as cl, pg_namespace as nmsp WHERE con.connamespace = nmsp.oid AND con.conrelid = cl.oid AND con.contype = 'p' AND nmsp.nspname LIKE 'hospital' AND cl.relname LIKE 'patients';;

-- pk
SELECT att.attname FROM pg_attribute AS att, pg_class AS cl WHERE att.attrelid = '{oid:hospital.patients}' AND att.attnum = '1';;

-- typeinfo
SELECT pg_type.typname AS typname,pg_type.typtype AS typtype,pg_type.typlen AS typlen,pg_type.typnotnull AS typnotnull,pg_type.typname AS typname, pg_namespace.nspname as typns FROM pg_type LEFT JOIN pg_namespace ON pg_type.typnamespace=pg_namespace.oid WHERE pg_type.typtype = 'b' OR pg_type.typtype = 'p';;

-- typeinfo
SELECT t1.typname as typname,t2.typtype AS typtype,t2.typlen AS typlen,t2.typnotnull AS typnotnull,t2.typname as realtypname, pg_namespace.nspname as typns FROM pg_type as t1 LEFT JOIN pg_type AS t2 ON t1.typbasetype=t2.oid LEFT JOIN pg_namespace ON t1.typnamespace=pg_namespace.oid WHERE t1.typtype = 'd';;

-- ik
WITH con AS (SELECT oid, conname, contype, condeferrable, condeferred, conrelid, confrelid,  confupdtype, confdeltype, generate_subscripts(conkey,1) AS conkeyseq, unnest(conkey) AS conkey , unnest(confkey) AS confkey FROM pg_catalog.pg_constraint) SELECT NULL::text AS PKTABLE_CAT, pkn.nspname AS PKTABLE_SCHEM, pkc.relname AS PKTABLE_NAME, pka.attname AS PKCOLUMN_NAME,  NULL::text AS FKTABLE_CAT, fkn.nspname AS FKTABLE_SCHEM, fkc.relname AS FKTABLE_NAME, fka.attname AS FKCOLUMN_NAME,  con.conkeyseq AS KEY_SEQ,  CASE con.confupdtype   WHEN 'c' THEN 0  WHEN 'n' THEN 2  WHEN 'd' THEN 4  WHEN 'r' THEN 1  WHEN 'a' THEN 4  ELSE NULL  END AS UPDATE_RULE,  CASE con.confdeltype   WHEN 'c' THEN 0  WHEN 'n' THEN 2  WHEN 'd' THEN 4  WHEN 'r' THEN 1  WHEN 'a' THEN 4  ELSE NULL  END AS DELETE_RULE,  con.conname AS FK_NAME, pkic.relname AS PK_NAME,  CASE   WHEN con.condeferrable AND con.condeferred THEN 5  WHEN con.condeferrable THEN 6  ELSE 7 END AS DEFERRABILITY FROM  pg_catalog.pg_namespace pkn, pg_catalog.pg_class pkc, pg_catalog.pg_attribute pka,  pg_catalog.pg_namespace fkn, pg_catalog.pg_class fkc, pg_catalog.pg_attribute fka,  con, pg_catalog.pg_depend dep, pg_catalog.pg_class pkic WHERE pkn.oid = pkc.relnamespace AND pkc.oid = pka.attrelid AND pka.attnum = con.confkey AND con.confrelid = pkc.oid  AND  fkn.oid = fkc.relnamespace AND fkc.oid = fka.attrelid AND fka.attnum = con.conkey  AND con.conrelid  = fkc.oid  AND con.contype = 'f' AND con.oid = dep.objid AND pkic.oid = dep.refobjid AND pkic.relkind = 'i' AND dep.classid = 'pg_constraint'::regclass::oid AND dep.refclassid = 'pg_class'::regclass::oid  AND fkn.nspname = 'hospital'  AND fkc.relname = 'visits' ORDER BY pkn.nspname, pkc.relname, conkeyseq;;

-- idx
SELECT nspname, pg_class.relname, class2.relname, indisclustered, indisunique, indisprimary, indkey FROM pg_index INNER JOIN pg_class ON indrelid = pg_class.oid INNER JOIN pg_namespace ON pg_class.relnamespace = pg_namespace.oid INNER JOIN pg_class as class2 ON pg_index.indexrelid = class2.oid WHERE nspname = 'hospital' AND pg_class.relname = 'patients';;

-- idx
SELECT attnum, attname FROM pg_attribute      INNER JOIN pg_class ON attrelid = pg_class.oid      INNER JOIN pg_namespace ON pg_class.relnamespace=pg_namespace.oid      WHERE pg_namespace.nspname='hospital'  AND pg_class.relname='patients';;

-- tables
select relname, nspname, relkind from pg_catalog.pg_class c, pg_catalog.pg_namespace n where relkind in ('r', 'v', 'm', 'f', 'p') and nspname like 'hospital' and relname like '%' and nspname not in ('pg_catalog', 'information_schema', 'pg_toast', 'pg_temp_1') and n.oid = relnamespace order by nspname, relname;;

-- columns
select n.nspname, c.relname, a.attname, a.atttypid, t.typname, a.attnum, a.attlen, a.atttypmod, a.attnotnull, c.relhasrules, c.relkind, c.oid, pg_get_expr(d.adbin, d.adrelid), case t.typtype when 'd' then t.typbasetype else 0 end, t.typtypmod, 0, attidentity, c.relhassubclass from (((pg_catalog.pg_class c inner join pg_catalog.pg_namespace n on n.oid = c.relnamespace and c.relname like 'patients' and n.nspname like 'hospital') inner join pg_catalog.pg_attribute a on (not a.attisdropped) and a.attnum > 0 and a.attname like '%' and a.attrelid = c.oid) inner join pg_catalog.pg_type t on t.oid = a.atttypid) left outer join pg_attrdef d on a.atthasdef and d.adrelid = a.attrelid and d.adnum = a.attnum order by n.nspname, c.relname, attnum;;


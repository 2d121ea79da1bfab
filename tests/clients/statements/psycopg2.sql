-- connect, autocommit off
BEGIN;;

-- named cursor
DECLARE "nm" CURSOR WITHOUT HOLD FOR select relname from pg_catalog.pg_class where relkind = 'r' and relname not like 'pg\_%' and relname not like 'sql\_%' order by relname;;

-- named cursor
FETCH FORWARD 3 FROM "nm";;

-- named cursor
FETCH FORWARD 100 FROM "nm";;

-- named cursor
CLOSE "nm";;

-- rollback
ROLLBACK;;

-- set_session
SET default_transaction_isolation TO 'serializable';;

-- hstore
SELECT t.oid, typarray
FROM pg_type t JOIN pg_namespace ns
    ON typnamespace = ns.oid
WHERE typname = 'hstore';;

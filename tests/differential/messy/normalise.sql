-- What the node files of the messy example promise, written once more in PostgreSQL's SQL and from the documentation
-- alone (docs/data-quality.md): from the raw rows in <party>_own to the tables of the federation, whose declared keys
-- and NOT NULLs PostgreSQL then checks.

CREATE FUNCTION trimmed(t text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT btrim(t, E' \t\n\f\r' || chr(11) || U&'\0085\00A0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200A\2028\2029\202F\205F\3000')
$$;

-- A number of a person in its form, whether or not it passes the test; NULL if it has none.
CREATE FUNCTION bsn_form(t text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN trimmed(t) ~ '^[0-9]{1,9}$' THEN lpad(trimmed(t), 9, '0') END
$$;

CREATE FUNCTION is_bsn(t text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT COALESCE(t <> '000000000' AND
    (9 * substr(t, 1, 1)::int + 8 * substr(t, 2, 1)::int + 7 * substr(t, 3, 1)::int + 6 * substr(t, 4, 1)::int +
     5 * substr(t, 5, 1)::int + 4 * substr(t, 6, 1)::int + 3 * substr(t, 7, 1)::int + 2 * substr(t, 8, 1)::int -
     substr(t, 9, 1)::int) % 11 = 0, false)
$$;

CREATE FUNCTION as_text(bytes bytea) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  RETURN convert_from(bytes, 'UTF8');
EXCEPTION WHEN character_not_in_repertoire OR untranslatable_character THEN
  RETURN NULL;
END
$$;

-- The hospital: numbers that were merged, to the end of each chain.
CREATE TABLE hospital_own.chain_end AS
WITH RECURSIVE link AS (
  SELECT DISTINCT bsn_form(old_bsn) AS old, bsn_form(new_bsn) AS new
  FROM hospital_own.patient_merge
  WHERE bsn_form(old_bsn) IS NOT NULL AND bsn_form(old_bsn) IS DISTINCT FROM bsn_form(new_bsn)),
chain AS (
  SELECT old AS start, new AS at FROM link
  UNION ALL
  SELECT c.start, l.new FROM chain c JOIN link l ON l.old = c.at)
SELECT start, at FROM chain c WHERE NOT EXISTS (SELECT 1 FROM link l WHERE l.old = c.at);

INSERT INTO hospital.patients
SELECT DISTINCT ON (bsn) bsn, uses_app, index_date, sex, diagnosis
FROM (SELECT CASE WHEN e.start IS NULL THEN bsn_form(p.bsn) ELSE e.at END AS bsn, uses_app,
             (started_at AT TIME ZONE 'Europe/Amsterdam')::date AS index_date, trimmed(sex) AS sex,
             CASE WHEN trimmed(diagnosis) IN ('crohn', 'colitis') THEN trimmed(diagnosis) END AS diagnosis,
             changed_at, p.ctid AS place
      FROM hospital_own.patient p LEFT JOIN hospital_own.chain_end e ON e.start = bsn_form(p.bsn)) AS formed
WHERE is_bsn(bsn)
ORDER BY bsn, changed_at, place;

INSERT INTO hospital.visits
SELECT visit_id, bsn, day, kind
FROM (SELECT visit_id, CASE WHEN e.start IS NULL THEN bsn_form(c.bsn) ELSE e.at END AS bsn, began_at::date AS day,
             trimmed(kind) AS kind
      FROM hospital_own.contact c LEFT JOIN hospital_own.chain_end e ON e.start = bsn_form(c.bsn)) AS formed
WHERE is_bsn(bsn) AND kind IN ('outpatient', 'inpatient', 'phone', 'emergency');

INSERT INTO hospital.quality
SELECT bsn, day, CASE WHEN number BETWEEN 0 AND 100 THEN number END
FROM (SELECT CASE WHEN e.start IS NULL THEN bsn_form(q.bsn) ELSE e.at END AS bsn, day,
             CASE WHEN trimmed(score) ~ '^[+-]?[0-9]+$' THEN trimmed(score)::int END AS number
      FROM hospital_own.questionnaire q LEFT JOIN hospital_own.chain_end e ON e.start = bsn_form(q.bsn)) AS formed
WHERE is_bsn(bsn);

-- The insurer: numbers that lost their zeros; lines taken back, unless that was taken back, and so on.
-- A row that breaks a rule is gone before anyone looks for duplicates.
INSERT INTO insurer.insured
SELECT bsn, policy
FROM (SELECT bsn_form(bsn::text) AS bsn, trimmed(policy) AS policy, COUNT(*) OVER (PARTITION BY bsn) AS rows
      FROM insurer_own.insured
      WHERE is_bsn(bsn_form(bsn::text)) AND trimmed(policy) IN ('basic', 'plus', 'top')) AS formed
WHERE rows = 1;

INSERT INTO insurer.enrolment
SELECT bsn_form(bsn::text), from_day, to_day FROM insurer_own.enrolment WHERE is_bsn(bsn_form(bsn::text));

WITH RECURSIVE reversals AS (
  SELECT claim_id AS original, claim_id AS at, 0 AS depth FROM insurer_own.claim_line WHERE reverses IS NULL
  UNION ALL
  SELECT r.original, l.claim_id, r.depth + 1 FROM reversals r JOIN insurer_own.claim_line l ON l.reverses = r.at),
standing AS (SELECT original FROM reversals GROUP BY original HAVING MAX(depth) % 2 = 0)
INSERT INTO insurer.claims
SELECT claim_id, bsn_form(bsn::text), day,
       CASE WHEN amount_cents BETWEEN -1000000 AND 10000000 THEN amount_cents * 0.01 END, trimmed(category)
FROM insurer_own.claim_line JOIN standing ON original = claim_id
WHERE is_bsn(bsn_form(bsn::text));

-- The bureau.
INSERT INTO bureau.persons
SELECT DISTINCT ON (bsn) bsn, CASE WHEN education IN ('low', 'middle', 'high') THEN education END, birth_year, region
FROM (SELECT bsn_form(bsn) AS bsn, normalize(trimmed(as_text(education)), NFC) AS education,
             trimmed(birth_year)::int AS birth_year, normalize(trimmed(region), NFC) AS region, version,
             ctid AS place
      FROM bureau_own.person) AS formed
WHERE is_bsn(bsn)
ORDER BY bsn, version, place;

ANALYZE;

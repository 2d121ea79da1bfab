// What parses, and as what: precedence is shown by the canonical printer, which writes parentheses only
// where they are needed.
#include "grammar/parser.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "grammar/ast_print.h"
#include "gtest/gtest.h"

namespace care::sql {
namespace {

constexpr char kCoachingQuestion[] = R"(
    WITH cost AS (
      SELECT p.bsn, p.uses_app, s.education,
             COALESCE(SUM(c.amount) FILTER (WHERE c.day >= p.index_date - INTERVAL '12 months'
                                              AND c.day <  p.index_date), 0) AS before,
             COALESCE(SUM(c.amount) FILTER (WHERE c.day >= p.index_date
                                              AND c.day <  p.index_date + INTERVAL '12 months'), 0) AS after
      FROM hospital.patients p
      JOIN bureau.persons s ON s.bsn = p.bsn
      JOIN insurer.enrolment e ON e.bsn = p.bsn
           AND e.from_day <= p.index_date - INTERVAL '12 months'
           AND e.to_day   >= p.index_date + INTERVAL '12 months'
      LEFT JOIN insurer.claims c ON c.bsn = p.bsn
      GROUP BY p.bsn, p.uses_app, s.education)
    SELECT education, uses_app, COUNT(*) AS patients,
           AVG(before) AS cost_before, AVG(after) AS cost_after, AVG(after - before) AS change
    FROM cost GROUP BY education, uses_app ORDER BY education, uses_app;
)";

std::string Canonical(const std::string& sql) {
  const absl::StatusOr<Statement> statement = Parse(sql);
  return statement.ok() ? Print(*statement) : std::string(statement.status().message());
}

// The tree of an expression: every operator with parentheses.
std::string Tree(const Expression& expression) {
  if (const auto* binary = std::get_if<Binary>(&expression.node)) {
    return absl::StrCat("(", Tree(*binary->left), " ", ToString(binary->op), " ", Tree(*binary->right), ")");
  }
  if (const auto* unary = std::get_if<Unary>(&expression.node)) {
    return absl::StrCat(unary->op == UnaryOperator::kNot ? "(NOT " : "(-", Tree(*unary->operand), ")");
  }
  if (const auto* is = std::get_if<IsNull>(&expression.node))
    return absl::StrCat("(", Tree(*is->operand), " IS NULL)");
  if (const auto* like = std::get_if<Like>(&expression.node)) {
    return absl::StrCat("(", Tree(*like->operand), " LIKE ", Tree(*like->pattern), ")");
  }
  if (const auto* between = std::get_if<Between>(&expression.node)) {
    return absl::StrCat("(", Tree(*between->operand), " BETWEEN ", Tree(*between->low), " AND ",
                        Tree(*between->high), ")");
  }
  if (const auto* cast = std::get_if<Cast>(&expression.node))
    return absl::StrCat(Tree(*cast->operand), "::", cast->type.ToString());
  return Print(expression);
}

std::string TreeOf(const std::string& expression) {
  const absl::StatusOr<Statement> statement = Parse("SELECT " + expression);
  if (!statement.ok()) return std::string(statement.status().message());
  return Tree(*std::get<SelectCore>(std::get<SelectStatement>(*statement).body).items.at(0).expression);
}

TEST(Precedence, IsPostgresqls) {
  EXPECT_EQ(TreeOf("a - b - c"), "((a - b) - c)");
  EXPECT_EQ(TreeOf("a + b * c / d % e"), "(a + (((b * c) / d) % e))");
  EXPECT_EQ(TreeOf("- a * b"), "((-a) * b)");
  EXPECT_EQ(TreeOf("-a::int"), "(-a::integer)");
  EXPECT_EQ(TreeOf("a || b + c = d"), "((a || (b + c)) = d)");
  EXPECT_EQ(TreeOf("NOT a = b AND c OR d"), "(((NOT (a = b)) AND c) OR d)");
  EXPECT_EQ(TreeOf("NOT a IS NULL"), "(NOT (a IS NULL))");
  EXPECT_EQ(TreeOf("a = b IS NULL"), "((a = b) IS NULL)");
  EXPECT_EQ(TreeOf("a < b LIKE c"), "(a < (b LIKE c))");
  EXPECT_EQ(TreeOf("a BETWEEN b + 1 AND c - 1 AND d"), "((a BETWEEN (b + 1) AND (c - 1)) AND d)");
  EXPECT_EQ(TreeOf("a OR b AND c"), "(a OR (b AND c))");
  EXPECT_EQ(TreeOf("(a OR b) AND c"), "((a OR b) AND c)");
  EXPECT_EQ(TreeOf("a != b"), "(a <> b)");
}

TEST(Precedence, ComparisonsDoNotChain) {
  EXPECT_FALSE(Parse("SELECT a < b < c").ok());
  EXPECT_FALSE(Parse("SELECT a BETWEEN b AND c BETWEEN d AND e").ok());
}

TEST(Parse, TheCoachingQuestionAsItStands) {
  const absl::StatusOr<Statement> statement = Parse(kCoachingQuestion);
  ASSERT_TRUE(statement.ok()) << statement.status().message();
  const auto& select = std::get<SelectStatement>(*statement);
  ASSERT_EQ(select.with.size(), 1u);
  EXPECT_EQ(select.with[0].name.text, "cost");
  const auto& inner = std::get<SelectCore>(select.with[0].statement->body);
  ASSERT_EQ(inner.items.size(), 5u);
  EXPECT_EQ(inner.items[3].alias, "before");
  EXPECT_EQ(inner.group_by.size(), 3u);
  const auto& last_join = std::get<Join>(inner.from.at(0).node);
  EXPECT_EQ(last_join.kind, JoinKind::kLeft);
  const auto& claims = std::get<NamedTable>(last_join.right->node);
  EXPECT_EQ(claims.schema, "insurer");
  EXPECT_EQ(claims.alias, "c");
  const auto& outer = std::get<SelectCore>(select.body);
  EXPECT_EQ(outer.items.size(), 6u);
  EXPECT_EQ(select.order_by.size(), 2u);
  EXPECT_EQ(outer.items[2].position.line, 15u);
  EXPECT_EQ(outer.items[2].position.column, 33u);
}

TEST(Parse, NamesFoldAndKeywordsMayBeNames) {
  EXPECT_EQ(Canonical("select Day, \"Day\", before, AFTER, start, change, date, year from T"),
            "SELECT day, \"Day\", before, after, start, change, date, year FROM t");
  EXPECT_EQ(Canonical("SELECT p.end, 1 AS end, 2 AS \"select\" FROM p"),
            "SELECT p.\"end\", 1 AS \"end\", 2 AS \"select\" FROM p");
  EXPECT_EQ(Canonical("SELECT \"a\"\"b\" FROM t"), "SELECT \"a\"\"b\" FROM t");
  EXPECT_EQ(Canonical("SELECT values, interval, first, position FROM rows"),
            "SELECT values, interval, first, position FROM rows");
  EXPECT_EQ(Canonical("SELECT naïve FROM t"), "SELECT \"naïve\" FROM t");
}

TEST(Parse, Literals) {
  EXPECT_EQ(Canonical("SELECT 1, 1.50, .5, 1., 1.5e3, 25e-2, 'it''s', TRUE, NULL, $12"),
            "SELECT 1, 1.50, 0.5, 1, 1500, 0.25, 'it''s', TRUE, NULL, $12");
  EXPECT_EQ(Canonical("SELECT 9223372036854775807, 9223372036854775808"),
            "SELECT 9223372036854775807, 9223372036854775808");
  EXPECT_EQ(
      Canonical("SELECT DATE '2020-02-29', INTERVAL '1 year -2 mons 3 days', INTERVAL '2' YEAR, interval '2 "
                "weeks'"),
      "SELECT DATE '2020-02-29', INTERVAL '10 months 3 days', INTERVAL '24 months', INTERVAL '14 days'");
  EXPECT_EQ(Canonical("SELECT numeric '1.5'"), "SELECT CAST('1.5' AS numeric)");
}

TEST(Parse, Comments) {
  EXPECT_EQ(Canonical("SELECT 1 -- one\n, /* two /* nested */ still */ 2, '--no', '/* no */' ;;"),
            "SELECT 1, 2, '--no', '/* no */'");
}

// Each canonical text parses to itself: the construct is known, and the printer's form is its own.
class RoundTrip : public testing::TestWithParam<const char*> {};

TEST_P(RoundTrip, PrintsWhatItReads) { EXPECT_EQ(Canonical(GetParam()), GetParam()); }

INSTANTIATE_TEST_SUITE_P(
    Queries, RoundTrip,
    testing::Values("WITH a AS (SELECT 1 AS x), b(y) AS (SELECT x FROM a) SELECT count(*) FROM b",
                    "EXPLAIN SELECT count(*) FROM t", "EXPLAIN (FORMAT JSON) SELECT count(*) FROM t",
                    "EXPLAIN (ANALYZE, FORMAT JSON) SELECT 1", "SHOW tables",
                    "SHOW columns FROM hospital.patients", "SHOW policy", "SET purpose = 'care evaluation'",
                    "SELECT DISTINCT a FROM t", "SELECT count(*) FROM a, b AS c(x, y) WHERE a.k = c.x",
                    "SELECT count(*) FROM a JOIN b ON a.k = b.k AND b.d BETWEEN a.d AND a.d + 365",
                    "SELECT count(*) FROM a LEFT JOIN b USING (k, l) RIGHT JOIN c ON a.k = c.k FULL JOIN d "
                    "ON TRUE CROSS JOIN e",
                    "SELECT count(*) FROM a NATURAL LEFT JOIN b",
                    "SELECT count(*) FROM a JOIN (b JOIN c ON b.x = c.x) ON a.x = b.x",
                    "SELECT s.n FROM (SELECT count(*) AS n FROM t) AS s",
                    "SELECT 1 FROM a, LATERAL (SELECT a.x) AS b",
                    "SELECT x FROM (VALUES (1, 'a'), (2, 'b')) AS v(x, y)"));

INSTANTIATE_TEST_SUITE_P(
    Conditions, RoundTrip,
    testing::Values("SELECT 1 WHERE a IN (1, 2, 3) AND b NOT IN (SELECT c FROM d)",
                    "SELECT 1 WHERE EXISTS (SELECT 1 FROM t WHERE t.a = u.a) AND NOT EXISTS (SELECT 1)",
                    "SELECT 1 WHERE a LIKE 'x%' OR a NOT ILIKE '%y' ESCAPE '!' OR a SIMILAR TO 'z'",
                    "SELECT 1 WHERE a ~ 'x' AND a !~* 'y'",
                    "SELECT 1 WHERE a IS NOT NULL AND b IS DISTINCT FROM c",
                    "SELECT 1 WHERE a IS NOT DISTINCT FROM b AND c IS TRUE IS NOT UNKNOWN",
                    "SELECT 1 WHERE a NOT BETWEEN 1 AND 2", "SELECT 1 WHERE (a AND b) = (c OR d)",
                    "SELECT 1 WHERE a BETWEEN SYMMETRIC 2 AND 1", "SELECT 1 WHERE (a, b) < (1, 2) AND (a, b) NOT IN ((1, 2), (3, 4))",
                    "SELECT 1 WHERE a < ANY (SELECT b FROM c) OR a + 1 >= ALL (SELECT b FROM c)",
                    "SELECT 1 WHERE a > (SELECT avg(b) FROM c)", "SELECT a - (b - c), -(-a), (a + b) * c"));

INSTANTIATE_TEST_SUITE_P(
    Expressions, RoundTrip,
    testing::Values("SELECT CASE WHEN a > 1 THEN 'x' ELSE 'y' END, CASE a WHEN 1 THEN 2 END",
                    "SELECT coalesce(a, 0), nullif(a, 0), greatest(a, b), least(a, b), abs(a), round(a, 2)",
                    "SELECT CAST(a AS numeric(12,2)), CAST(b AS character varying(9)), CAST(c AS interval)",
                    "SELECT EXTRACT('year' FROM d), date_trunc('month', d), CURRENT_DATE - d",
                    "SELECT count(DISTINCT a) FILTER (WHERE b), sum(a) OVER (PARTITION BY b ORDER BY c DESC)",
                    "SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY a DESC NULLS LAST)",
                    "SELECT rank() OVER w FROM t WINDOW w AS (PARTITION BY a, b ORDER BY c)",
                    "SELECT sum(a) OVER (ORDER BY b ROWS BETWEEN 3 PRECEDING AND CURRENT ROW)",
                    "SELECT string_agg(a, ',' ORDER BY b)",
                    "SELECT left(a, 2), lower(b) || upper(c), substring(a, 1, 2)"));

INSTANTIATE_TEST_SUITE_P(
    Results, RoundTrip,
    testing::Values("SELECT a, count(*) FROM t GROUP BY a HAVING count(*) > 5 ORDER BY 2 DESC NULLS FIRST "
                    "LIMIT 10 OFFSET 5",
                    "SELECT a FROM t GROUP BY ROLLUP (a, (b, c)), CUBE (d), GROUPING SETS (a, ())",
                    "SELECT 1 UNION ALL SELECT 2 INTERSECT SELECT 3",
                    "(SELECT 1 UNION SELECT 2) INTERSECT SELECT 3",
                    "SELECT 1 EXCEPT (SELECT 2 EXCEPT SELECT 3)",
                    "(SELECT 1 LIMIT 1) UNION SELECT 2 ORDER BY 1"));

TEST(Parse, AnyOfConstantsIsAList) {
  EXPECT_EQ(Canonical("SELECT 1 WHERE a = ANY (ARRAY[1, 2]) OR b <> ALL ('{1, \"x,\\\"y\" ,NULL}') OR c = SOME ('{}')"),
            "SELECT 1 WHERE a IN (1, 2) OR b NOT IN ('1', 'x,\"y', NULL) OR FALSE");
  EXPECT_EQ(Canonical("SELECT 1 WHERE a = ANY (SELECT b FROM c) AND a <> ALL (SELECT b FROM c)"),
            "SELECT 1 WHERE a IN (SELECT b FROM c) AND a NOT IN (SELECT b FROM c)");
}

TEST(Parse, WordsInsideCallsBecomeArguments) {
  EXPECT_EQ(
      Canonical("SELECT SUBSTRING(a FROM 2 FOR 3), SUBSTRING(a FOR 3), TRIM(a), TRIM(LEADING 'x' FROM a), "
                "POSITION('b' IN a), EXTRACT(YEAR FROM d)"),
      "SELECT substring(a, 2, 3), substring(a, 1, 3), btrim(a), ltrim(a, 'x'), strpos(a, 'b'), "
      "EXTRACT('year' FROM d)");
  EXPECT_EQ(Canonical("SELECT 1 FETCH FIRST 5 ROWS ONLY"), "SELECT 1 LIMIT 5");
  EXPECT_EQ(Canonical("VALUES (1)"), "SELECT * FROM (VALUES (1)) AS \"*VALUES*\"");
}

TEST(Parse, PositionsCoverTheText) {
  const std::string sql = "SELECT\n  é + 1 AS x FROM t";
  const absl::StatusOr<Statement> statement = Parse(sql);
  ASSERT_TRUE(statement.ok());
  const auto& core = std::get<SelectCore>(std::get<SelectStatement>(*statement).body);
  const auto& sum = std::get<Binary>(core.items[0].expression->node);
  EXPECT_EQ(core.items[0].expression->position, (SourcePosition{2, 3, 9, 6}));
  EXPECT_EQ(sum.right->position, (SourcePosition{2, 7, 14, 1}));  // a character of two bytes is one column
}

}  // namespace
}  // namespace care::sql

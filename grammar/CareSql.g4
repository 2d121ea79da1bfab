// The dialect of analysts: PostgreSQL's SELECT (see docs/sql.md for what the engine then accepts of it).
//
// Expressions are layered, one rule a level of PostgreSQL's precedence, so that the fast SLL prediction
// decides nearly every statement. Comments are blanked before the lexer runs and letters reach it in upper
// case (parser.cc), hence the keywords below. Forms that the engine refuses by name (DISTINCT ON, WITH RECURSIVE)
// are parsed here, so that the refusal can point at them.
grammar CareSql;

statement
  : (selectStatement | explainStatement | showStatement | setStatement) SEMICOLON* EOF
  ;

explainStatement
  : EXPLAIN ANALYZE? VERBOSE? selectStatement
  | EXPLAIN LEFT_PAREN explainOption (COMMA explainOption)* RIGHT_PAREN selectStatement
  ;

explainOption
  : (identifier | ANALYZE | VERBOSE) (identifier | TRUE_ | FALSE_ | ON | INTEGER)?
  ;

showStatement
  : SHOW showWord+ ((FROM | FOR) tableName)?
  ;

showWord
  : identifier (DOT columnLabel)* | ALL
  ;

setStatement
  : SET identifier identifier? (DOT columnLabel)* (TO | EQUAL) setValue
  ;

setValue
  : STRING | MINUS? (INTEGER | DECIMAL) | identifier | TRUE_ | FALSE_ | ON | DEFAULT
  ;

// ---- Queries ----

selectStatement
  : withClause? queryExpression orderByClause? limitPart*
  ;

withClause
  : WITH RECURSIVE? commonTable (COMMA commonTable)*
  ;

commonTable
  : identifier columnAliases? AS (NOT? MATERIALIZED)? LEFT_PAREN selectStatement RIGHT_PAREN
  ;

queryExpression
  : queryTerm (setOperator queryTerm)*
  ;

setOperator
  : (UNION | EXCEPT) (ALL | DISTINCT)?
  ;

queryTerm
  : queryPrimary (intersectOperator queryPrimary)*
  ;

intersectOperator
  : INTERSECT (ALL | DISTINCT)?
  ;

queryPrimary
  : selectCore
  | valuesClause
  | LEFT_PAREN selectStatement RIGHT_PAREN
  ;

selectCore
  : SELECT (ALL | DISTINCT distinctOn?)? selectItem (COMMA selectItem)*
    (FROM tableReference (COMMA tableReference)*)?
    (WHERE expression)?
    (GROUP BY groupingElement (COMMA groupingElement)*)?
    (HAVING expression)?
    (WINDOW namedWindow (COMMA namedWindow)*)?
  ;

distinctOn
  : ON LEFT_PAREN expressionList RIGHT_PAREN
  ;

selectItem
  : STAR
  | identifier (DOT columnLabel)* DOT STAR
  | expression (AS columnLabel | bareLabel)?
  ;

valuesClause
  : VALUES valuesRow (COMMA valuesRow)*
  ;

valuesRow
  : LEFT_PAREN expressionList RIGHT_PAREN
  ;

groupingElement
  : ROLLUP LEFT_PAREN groupingElement (COMMA groupingElement)* RIGHT_PAREN
  | CUBE LEFT_PAREN groupingElement (COMMA groupingElement)* RIGHT_PAREN
  | GROUPING SETS LEFT_PAREN groupingElement (COMMA groupingElement)* RIGHT_PAREN
  | LEFT_PAREN RIGHT_PAREN
  | LEFT_PAREN expression (COMMA expression)+ RIGHT_PAREN
  | expression
  ;

orderByClause
  : ORDER BY orderItem (COMMA orderItem)*
  ;

orderItem
  : expression (ASC | DESC)? (NULLS (FIRST | LAST))?
  ;

limitPart
  : LIMIT (ALL | expression)
  | OFFSET expression (ROW | ROWS)?
  | FETCH (FIRST | NEXT) primary? (ROW | ROWS) ONLY
  ;

// ---- Tables ----

tableReference
  : tablePrimary joinSuffix*
  ;

tablePrimary
  : tableName tableAlias?
  | LATERAL? LEFT_PAREN selectStatement RIGHT_PAREN tableAlias?
  | LATERAL? functionName LEFT_PAREN (functionArgument (COMMA functionArgument)*)? RIGHT_PAREN tableAlias?
  | LEFT_PAREN tableReference RIGHT_PAREN tableAlias?
  ;

joinSuffix
  : CROSS JOIN tablePrimary
  | NATURAL joinType? JOIN tablePrimary
  | joinType? JOIN tablePrimary (ON expression | USING columnAliases)
  ;

joinType
  : INNER | (LEFT | RIGHT | FULL) OUTER?
  ;

tableName
  : identifier (DOT columnLabel)?
  ;

tableAlias
  : AS? identifier columnAliases?
  ;

columnAliases
  : LEFT_PAREN identifier (COMMA identifier)* RIGHT_PAREN
  ;

// ---- Expressions, loosest first ----

expressionList
  : expression (COMMA expression)*
  ;

expression
  : andExpression (OR andExpression)*
  ;

andExpression
  : notExpression (AND notExpression)*
  ;

notExpression
  : NOT notExpression
  | isExpression
  ;

isExpression
  : comparison isSuffix*
  ;

isSuffix
  : IS NOT? (NULL_ | TRUE_ | FALSE_ | UNKNOWN)
  | IS NOT? DISTINCT FROM comparison
  | ISNULL
  | NOTNULL
  ;

comparison
  : predicate (comparisonOperator (predicate | quantified))?
  ;

comparisonOperator
  : EQUAL | NOT_EQUAL | LESS | LESS_OR_EQUAL | GREATER | GREATER_OR_EQUAL
  ;

quantified
  : (ANY | SOME | ALL) LEFT_PAREN (selectStatement | arrayConstructor | arrayText | expression) RIGHT_PAREN
  ;

// '{1,2}'::int[]
arrayText
  : STRING DOUBLE_COLON typeName LEFT_BRACKET RIGHT_BRACKET
  ;

arrayConstructor
  : ARRAY LEFT_BRACKET expressionList? RIGHT_BRACKET
  ;

predicate
  : operation predicateSuffix?
  ;

predicateSuffix
  : NOT? BETWEEN (SYMMETRIC | ASYMMETRIC)? operation AND operation
  | NOT? IN LEFT_PAREN (selectStatement | expressionList) RIGHT_PAREN
  | NOT? (LIKE | ILIKE | SIMILAR TO) operation (ESCAPE operation)?
  ;

operation
  : sum (otherOperator sum)*
  ;

otherOperator
  : CONCATENATE | REGEX | REGEX_IGNORING_CASE | NOT_REGEX | NOT_REGEX_IGNORING_CASE
  ;

sum
  : product ((PLUS | MINUS) product)*
  ;

product
  : signedOperand ((STAR | SLASH | PERCENT) signedOperand)*
  ;

signedOperand
  : (PLUS | MINUS) signedOperand
  | castSequence
  ;

castSequence
  : primary (DOUBLE_COLON typeName)*
  ;

primary
  : INTEGER                                                                    # integerLiteral
  | DECIMAL                                                                    # decimalLiteral
  | STRING                                                                     # stringLiteral
  | (TRUE_ | FALSE_)                                                           # booleanLiteral
  | NULL_                                                                      # nullLiteral
  | INTERVAL STRING intervalField?                                             # intervalLiteral
  | (IDENTIFIER | (TIMESTAMP | TIME) ((WITH | WITHOUT) TIME ZONE)?) STRING      # typedLiteral
  | PARAMETER                                                                  # parameterMarker
  | (CURRENT_DATE | CURRENT_TIMESTAMP | LOCALTIMESTAMP)                        # currentMoment
  | CASE expression? caseBranch+ (ELSE expression)? END                        # caseExpression
  | CAST LEFT_PAREN expression AS typeName RIGHT_PAREN                         # castCall
  | EXTRACT LEFT_PAREN extractField FROM expression RIGHT_PAREN                # extractCall
  | SUBSTRING LEFT_PAREN expression substringRange RIGHT_PAREN                 # substringCall
  | POSITION LEFT_PAREN operation IN operation RIGHT_PAREN                     # positionCall
  | TRIM LEFT_PAREN (LEADING | TRAILING | BOTH)? trimArguments RIGHT_PAREN     # trimCall
  | EXISTS LEFT_PAREN selectStatement RIGHT_PAREN                              # existsCall
  | functionName LEFT_PAREN functionArguments RIGHT_PAREN withinGroup? filterClause? overClause?
                                                                               # functionCall
  | identifier (DOT columnLabel)*                                              # columnReference
  | LEFT_PAREN selectStatement RIGHT_PAREN                                     # scalarSubquery
  | LEFT_PAREN expression (COMMA expression)+ RIGHT_PAREN                      # rowValue
  | LEFT_PAREN expression RIGHT_PAREN                                          # parenthesized
  ;

caseBranch
  : WHEN expression THEN expression
  ;

extractField
  : identifier | STRING
  ;

intervalField
  : YEAR | MONTH | DAY | HOUR | MINUTE | SECOND
  ;

substringRange
  : FROM expression (FOR expression)?
  | FOR expression (FROM expression)?
  | (COMMA expression)+
  ;

trimArguments
  : expression? FROM expression
  | expression (COMMA expression)?
  ;

functionArguments
  : STAR
  | (ALL | DISTINCT)? functionArgument (COMMA functionArgument)* orderByClause?
  |
  ;

functionArgument
  : expression
  ;

withinGroup
  : WITHIN GROUP LEFT_PAREN orderByClause RIGHT_PAREN
  ;

filterClause
  : FILTER LEFT_PAREN WHERE expression RIGHT_PAREN
  ;

overClause
  : OVER (identifier | windowSpecification)
  ;

namedWindow
  : identifier AS windowSpecification
  ;

windowSpecification
  : LEFT_PAREN windowBase? (PARTITION BY expressionList)? orderByClause? windowFrame? RIGHT_PAREN
  ;

windowBase
  : IDENTIFIER | QUOTED_IDENTIFIER
  ;

windowFrame
  : (ROWS | RANGE | GROUPS) (frameBound | BETWEEN frameBound AND frameBound)
  ;

frameBound
  : UNBOUNDED (PRECEDING | FOLLOWING)
  | CURRENT ROW
  | expression (PRECEDING | FOLLOWING)
  ;

// ---- Types and names ----

typeName
  : DOUBLE PRECISION
  | CHARACTER VARYING? typeParameters?
  | (TIMESTAMP | TIME) typeParameters? ((WITH | WITHOUT) TIME ZONE)?
  | INTERVAL
  | (IDENTIFIER | QUOTED_IDENTIFIER) typeParameters?
  ;

typeParameters
  : LEFT_PAREN INTEGER (COMMA INTEGER)* RIGHT_PAREN
  ;

functionName
  : IDENTIFIER | QUOTED_IDENTIFIER | unreserved | labelOnly | LEFT | RIGHT | GROUPING
  ;

// A column, a table or an alias after AS-less table names: PostgreSQL's ColId.
identifier
  : IDENTIFIER | QUOTED_IDENTIFIER | unreserved | labelOnly | columnNameKeyword
  ;

// An output name without AS: PostgreSQL's bare labels, without the reserved words.
bareLabel
  : IDENTIFIER | QUOTED_IDENTIFIER | unreserved
  ;

// An output name after AS, or a name after a dot: any word.
columnLabel
  : identifier | reserved
  ;

unreserved
  : CUBE | CURRENT | DOUBLE | ESCAPE | EXPLAIN | FIRST | FOLLOWING | GROUPS | LAST | MATERIALIZED | NEXT
  | NULLS | PARTITION | PRECEDING | RANGE | RECURSIVE | ROLLUP | ROWS | SET | SETS | SHOW | UNBOUNDED
  | UNKNOWN | ZONE | BY
  ;

// Words that PostgreSQL takes as a bare label only after AS.
labelOnly
  : DAY | FILTER | HOUR | MINUTE | MONTH | OVER | SECOND | VARYING | WITHIN | WITHOUT | YEAR
  ;

columnNameKeyword
  : BETWEEN | CHARACTER | EXISTS | EXTRACT | GROUPING | INTERVAL | POSITION | PRECISION | ROW | SUBSTRING
  | TIME | TIMESTAMP | TRIM | VALUES
  ;

reserved
  : ALL | ANALYZE | AND | ANY | ARRAY | AS | ASC | ASYMMETRIC | BOTH | CASE | CAST | CROSS | CURRENT_DATE | CURRENT_TIMESTAMP
  | DEFAULT
  | DESC | DISTINCT | ELSE | END | EXCEPT | FALSE_ | FETCH | FOR | FROM | FULL | GROUP | HAVING | ILIKE | IN
  | INNER | INTERSECT | IS | ISNULL | JOIN | LATERAL | LEADING | LEFT | LIKE | LIMIT | LOCALTIMESTAMP | NATURAL | NOT
  | NOTNULL | NULL_ | OFFSET | ON | ONLY | OR | ORDER | OUTER | RIGHT | SELECT | SIMILAR | SOME | SYMMETRIC
  | THEN | TO | TRAILING | TRUE_ | UNION | USING | VERBOSE | WHEN | WHERE | WINDOW | WITH | OTHER_RESERVED
  ;

// ---- Words ----

ALL: 'ALL';
ANALYZE: 'ANALYZE' | 'ANALYSE';
AND: 'AND';
ANY: 'ANY';
ARRAY: 'ARRAY';
AS: 'AS';
ASC: 'ASC';
ASYMMETRIC: 'ASYMMETRIC';
BETWEEN: 'BETWEEN';
BOTH: 'BOTH';
BY: 'BY';
CASE: 'CASE';
CAST: 'CAST';
CHARACTER: 'CHARACTER' | 'CHAR';
CROSS: 'CROSS';
CUBE: 'CUBE';
CURRENT: 'CURRENT';
CURRENT_DATE: 'CURRENT_DATE';
CURRENT_TIMESTAMP: 'CURRENT_TIMESTAMP';
DAY: 'DAY';
DEFAULT: 'DEFAULT';
DESC: 'DESC';
DISTINCT: 'DISTINCT';
DOUBLE: 'DOUBLE';
ELSE: 'ELSE';
END: 'END';
ESCAPE: 'ESCAPE';
EXCEPT: 'EXCEPT';
EXISTS: 'EXISTS';
EXPLAIN: 'EXPLAIN';
EXTRACT: 'EXTRACT';
FALSE_: 'FALSE';
FETCH: 'FETCH';
FILTER: 'FILTER';
FIRST: 'FIRST';
FOLLOWING: 'FOLLOWING';
FOR: 'FOR';
FROM: 'FROM';
FULL: 'FULL';
GROUP: 'GROUP';
GROUPING: 'GROUPING';
GROUPS: 'GROUPS';
HAVING: 'HAVING';
HOUR: 'HOUR';
ILIKE: 'ILIKE';
IN: 'IN';
INNER: 'INNER';
INTERSECT: 'INTERSECT';
INTERVAL: 'INTERVAL';
IS: 'IS';
ISNULL: 'ISNULL';
JOIN: 'JOIN';
LAST: 'LAST';
LATERAL: 'LATERAL';
LEADING: 'LEADING';
LEFT: 'LEFT';
LIKE: 'LIKE';
LIMIT: 'LIMIT';
LOCALTIMESTAMP: 'LOCALTIMESTAMP';
MATERIALIZED: 'MATERIALIZED';
MINUTE: 'MINUTE';
MONTH: 'MONTH';
NATURAL: 'NATURAL';
NEXT: 'NEXT';
NOT: 'NOT';
NOTNULL: 'NOTNULL';
NULL_: 'NULL';
NULLS: 'NULLS';
OFFSET: 'OFFSET';
ON: 'ON';
ONLY: 'ONLY';
OR: 'OR';
ORDER: 'ORDER';
OUTER: 'OUTER';
OVER: 'OVER';
PARTITION: 'PARTITION';
POSITION: 'POSITION';
PRECEDING: 'PRECEDING';
PRECISION: 'PRECISION';
RANGE: 'RANGE';
RECURSIVE: 'RECURSIVE';
RIGHT: 'RIGHT';
ROLLUP: 'ROLLUP';
ROW: 'ROW';
ROWS: 'ROWS';
SECOND: 'SECOND';
SELECT: 'SELECT';
SET: 'SET';
SETS: 'SETS';
SHOW: 'SHOW';
SIMILAR: 'SIMILAR';
SOME: 'SOME';
SUBSTRING: 'SUBSTRING';
SYMMETRIC: 'SYMMETRIC';
THEN: 'THEN';
TIME: 'TIME';
TIMESTAMP: 'TIMESTAMP';
TO: 'TO';
TRAILING: 'TRAILING';
TRIM: 'TRIM';
TRUE_: 'TRUE';
UNBOUNDED: 'UNBOUNDED';
UNION: 'UNION';
UNKNOWN: 'UNKNOWN';
USING: 'USING';
VALUES: 'VALUES';
VARYING: 'VARYING';
VERBOSE: 'VERBOSE';
WHEN: 'WHEN';
WHERE: 'WHERE';
WINDOW: 'WINDOW';
WITH: 'WITH';
WITHIN: 'WITHIN';
WITHOUT: 'WITHOUT';
YEAR: 'YEAR';
ZONE: 'ZONE';

// PostgreSQL's other reserved words: no names of columns here either, so that a query means the same there.
OTHER_RESERVED
  : 'AUTHORIZATION' | 'BINARY' | 'CHECK' | 'COLLATE' | 'COLLATION' | 'COLUMN' | 'CONCURRENTLY'
  | 'CONSTRAINT' | 'CREATE' | 'CURRENT_CATALOG' | 'CURRENT_ROLE' | 'CURRENT_SCHEMA' | 'CURRENT_TIME'
  | 'CURRENT_USER' | 'DEFERRABLE' | 'DO' | 'FOREIGN' | 'FREEZE' | 'GRANT' | 'INITIALLY'
  | 'INTO' | 'LOCALTIME' | 'OVERLAPS' | 'PLACING' | 'PRIMARY' | 'REFERENCES' | 'RETURNING'
  | 'SESSION_USER' | 'TABLE' | 'TABLESAMPLE' | 'UNIQUE' | 'USER' | 'VARIADIC'
  ;

IDENTIFIER: WORD_START WORD_PART*;
QUOTED_IDENTIFIER: '"' (~'"' | '""')* '"';
STRING: '\'' (~'\'' | '\'\'')* '\'';
PARAMETER: '$' DIGIT+;
INTEGER: DIGIT+;
DECIMAL: (DIGIT+ ('.' DIGIT*)? | '.' DIGIT+) EXPONENT? ;
NUMBER_WITH_TRAILING_JUNK: (DIGIT+ ('.' DIGIT*)? | '.' DIGIT+ | '$' DIGIT+) EXPONENT? WORD_START WORD_PART*;

SEMICOLON: ';';
COMMA: ',';
DOT: '.';
LEFT_PAREN: '(';
RIGHT_PAREN: ')';
LEFT_BRACKET: '[';
RIGHT_BRACKET: ']';
DOUBLE_COLON: '::';
EQUAL: '=';
NOT_EQUAL: '<>' | '!=';
LESS_OR_EQUAL: '<=';
GREATER_OR_EQUAL: '>=';
LESS: '<';
GREATER: '>';
CONCATENATE: '||';
NOT_REGEX_IGNORING_CASE: '!~*';
NOT_REGEX: '!~';
REGEX_IGNORING_CASE: '~*';
REGEX: '~';
PLUS: '+';
MINUS: '-';
STAR: '*';
SLASH: '/';
PERCENT: '%';

SPACE: [ \t\r\n\f\u000B]+ -> skip;

// Everything else, so that the lexer never fails: the parser says what is wrong with it.
UNEXPECTED_CHARACTER: .;

fragment DIGIT: [0-9];
fragment EXPONENT: 'E' [+-]? DIGIT+;
fragment WORD_START: [A-Z_] | [\u0080-\u{10FFFF}];
fragment WORD_PART: WORD_START | [0-9$];

-- A sum of an expression.
SELECT SUM(amount * 2) AS doubled, SUM(amount + 1) AS added, SUM(-amount) AS negated FROM insurer.claims;

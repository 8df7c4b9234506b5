-- The distinct user agents of a piece, and which of them are bots. A client that names no agent ("-") is one.
CREATE OR REPLACE TEMP TABLE agents AS
SELECT
    agent,
    left(cleaned(replace(replace(agent, chr(1), '"'), chr(2), '\')), 300) AS text,
    agent IN ('', '-') OR regexp_matches(lower(agent), $bot_marks) AS bot
FROM (SELECT DISTINCT agent FROM parsed WHERE problem IS NULL AND agent IS NOT NULL);

-- The kinds of lines that tell of a slow query: lines in a span and in the baseline, and the milliseconds that those of
-- the span tell; NULL where one of them tells none. Most lines first.
WITH told AS (
    SELECT level, template, ts, coalesce(message, template) AS said
    FROM logs
    WHERE ts < $end
        AND regexp_matches(
            coalesce(message, template),
            '(?i)\bslow[ _-]?(sql|query|queries|statement)\b'
            || '|\bduration: [0-9.]+ ms +(statement|execute|parse|bind)\b'
            || '|\bquery_time: ?[0-9.]+'
        )
),
timed AS (
    SELECT
        *,
        coalesce(
            TRY_CAST(regexp_extract(said, '(?i)([0-9]+(\.[0-9]+)?) ?ms\b', 1) AS DOUBLE),
            1000 * TRY_CAST(regexp_extract(said, '(?i)\bquery_time: ?([0-9]+(\.[0-9]+)?)', 1) AS DOUBLE),
            1000 * TRY_CAST(regexp_extract(said, '(?i)([0-9]+(\.[0-9]+)?) ?s(ec(ond)?s?)?\b', 1) AS DOUBLE)
        ) AS took
    FROM told
)
SELECT
    level,
    template,
    count(*) FILTER (WHERE ts >= $start) AS lines,
    count(*) FILTER (WHERE ts >= $before_start AND ts < $before_end) AS lines_before,
    CASE
        WHEN count(took) FILTER (WHERE ts >= $start) = count(*) FILTER (WHERE ts >= $start)
        THEN sum(took) FILTER (WHERE ts >= $start)
    END AS took
FROM timed
GROUP BY level, template
ORDER BY lines DESC, level, template;

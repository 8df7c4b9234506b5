-- For each property of each event of some days: how many events have a value, how many of the values are of each type,
-- and how many look like an e-mail address, a telephone number, or a token that lets somebody in. (What cannot match an
-- expensive pattern is told by a cheap one first.)
WITH entries AS (
    SELECT event, entry.key AS property, entry.value AS value
    FROM (SELECT event, unnest(map_entries(properties)) AS entry FROM events WHERE day BETWEEN $first AND $last)
)
SELECT
    event,
    property,
    count(*) AS text,
    count(*) FILTER (WHERE lower(value) IN ('true', 'false')) AS boolean,
    count(*) FILTER (WHERE regexp_full_match(value, '[+-]?[0-9]{1,18}')) AS integer,
    count(*) FILTER (WHERE isfinite(try_cast(value AS DOUBLE))) AS number,
    count(*) FILTER (
        WHERE CASE
            WHEN contains(value, '@') THEN regexp_matches(value, '[\w.%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}')
        END
    ) AS emails,
    count(*) FILTER (
        WHERE regexp_full_match(value, '\s*(\+[0-9][0-9 ()./-]{6,18}[0-9]|\(?[0-9]{3,5}\)?[ ./-][0-9]{3,4}[ .-]?[0-9]{3,5})\s*')
    ) AS phones,
    count(*) FILTER (
        WHERE CASE
            WHEN length(value) >= 6 THEN regexp_matches(
                value,
                'eyJ[\w-]{8,}\.[\w-]{8,}|\b[spr]k_(live|test)_\w{8,}|\bgh[opsu]_\w{20,}|\bxox[abprs]-\w|\bAKIA[0-9A-Z]{16}|(?i:bearer) [\w.-]{16,}'
            )
        END
    ) AS tokens
FROM entries
GROUP BY event, property
ORDER BY event, property;

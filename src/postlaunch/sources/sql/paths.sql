-- The distinct paths of a piece and the routes they fall under. Rules are in docs/definitions.md, "Endpoint".
CREATE OR REPLACE TEMP TABLE paths AS
WITH cleaned AS (
    SELECT
        target,
        regexp_replace(
            replace(replace(left(target, 2000), chr(1), '"'), chr(2), '\'), '[\p{Cc}\p{Cf}\p{Co}\p{Zl}\p{Zp}]', '', 'g'
        ) AS text
    FROM (SELECT DISTINCT target FROM parsed WHERE problem IS NULL)
),
located AS (
    SELECT
        target,
        CASE
            WHEN starts_with(text, '/') THEN text
            WHEN contains(text, '://') THEN '/' || regexp_replace(text, '^[^:]*://[^/]*/?', '')
            ELSE text
        END AS path
    FROM cleaned
),
segmented AS (
    SELECT
        target,
        path,
        list_filter(string_split(regexp_replace(path, '[#;].*$', ''), '/'), lambda segment: segment <> '') AS segments
    FROM located
)
SELECT
    target,
    left(path, 300) AS path,
    CASE
        WHEN path = '' THEN NULL
        WHEN NOT starts_with(path, '/') THEN left(path, 60)
        ELSE '/' || array_to_string(
            list_transform(
                segments[:12],
                lambda segment, place: route_segment(segment, place = len(segments), is_file(segments[-1]))
            ),
            '/'
        ) || CASE WHEN len(segments) > 12 THEN '/*' ELSE '' END
    END AS route,
    false AS by_settings
FROM segmented;

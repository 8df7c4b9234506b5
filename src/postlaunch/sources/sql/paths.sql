-- The distinct paths of a piece and the routes they fall under. Rules are in docs/definitions.md, "Endpoint".
CREATE OR REPLACE TEMP TABLE paths AS
WITH targets AS (
    SELECT DISTINCT target FROM parsed WHERE problem IS NULL
),
unescaped AS (
    SELECT
        target,
        CASE
            WHEN regexp_matches(target, '[\p{Cc}\p{Cf}\p{Co}\p{Zl}\p{Zp}]') OR strlen(target) > 2000 THEN
                cleaned(replace(replace(left(target, 2000), chr(1), '"'), chr(2), '\'))
            ELSE target
        END AS text
    FROM targets
),
located AS (
    SELECT
        target,
        CASE
            WHEN starts_with(text, '/') THEN text
            WHEN contains(text, '://') THEN '/' || regexp_replace(text, '^[^:]*://[^/]*/?', '')
            ELSE text
        END AS path
    FROM unescaped
),
segmented AS (
    SELECT
        target,
        path,
        list_filter(
            string_split(CASE WHEN regexp_matches(path, '[#;]') THEN regexp_replace(path, '[#;].*$', '') ELSE path END, '/'),
            lambda segment: segment <> ''
        ) AS segments,
        coalesce(is_file(segments[-1]), false) AS in_file
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
                segments[:12], lambda segment, place: route_segment(segment, place = len(segments), in_file)
            ),
            '/'
        ) || CASE WHEN len(segments) > 12 THEN '/*' ELSE '' END
    END AS route,
    false AS by_settings
FROM segmented;

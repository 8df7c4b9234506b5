-- What one segment of a path is called in its route. `in_file`: the path ends in a file's name.
CREATE OR REPLACE TEMP MACRO is_email(s) AS
    regexp_matches(s, '@|%40') AND regexp_full_match(s, '[^@/]+(@|%40)[^@/]+\.[A-Za-z]{2,}');
CREATE OR REPLACE TEMP MACRO is_file(s) AS regexp_full_match(s, '.+\.[A-Za-z][A-Za-z0-9]{0,7}') AND NOT is_email(s);
CREATE OR REPLACE TEMP MACRO id_name(s) AS
    CASE
        WHEN regexp_full_match(s, '\d+') THEN ':id'
        WHEN strlen(s) < 8 THEN NULL
        WHEN regexp_full_match(s, '\{?[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\}?')
            THEN ':uuid'
        WHEN regexp_full_match(s, '[0-9a-fA-F]{8,}') AND regexp_matches(s, '\d') THEN ':hash'
    END;
CREATE OR REPLACE TEMP MACRO file_name(s) AS
    coalesce(id_name(regexp_replace(s, '\.[A-Za-z0-9]+$', '')) || regexp_extract(s, '\.[A-Za-z0-9]+$'), left(s, 80));
CREATE OR REPLACE TEMP MACRO is_token(s) AS
    regexp_full_match(s, '[A-Za-z0-9_=~.-]{20,}') AND regexp_matches(s, '\d') AND (
        (regexp_matches(s, '[a-z]') AND regexp_matches(s, '[A-Z]'))
        OR regexp_full_match(s, '[^-]*\d[^-]*\d[^-]*\d[^-]*\d[^-]*')
    );
CREATE OR REPLACE TEMP MACRO route_segment(s, last, in_file) AS
    CASE
        WHEN strlen(s) < 20 AND NOT regexp_matches(s, '[0-9@%]') THEN s
        WHEN in_file AND regexp_full_match(s, '(19|20)\d\d') THEN s -- /images/2009/banner.png
        WHEN regexp_full_match(s, '\d+') THEN ':id'
        WHEN is_email(s) THEN ':email'
        WHEN last AND in_file THEN file_name(s)
        WHEN id_name(s) IS NOT NULL THEN id_name(s)
        WHEN regexp_full_match(s, '\d{4}-\d{2}-\d{2}') THEN ':date'
        WHEN regexp_full_match(s, '[A-Za-z]{1,10}[-_]\d{3,}') THEN ':id'
        WHEN is_token(s) OR strlen(s) > 80 THEN ':token'
        ELSE s
    END;

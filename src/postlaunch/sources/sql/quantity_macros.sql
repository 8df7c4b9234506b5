-- A figure as programs and Kubernetes write it, in base units: 196083712, "187Mi", "250m", "512 MB".
-- $factor makes base units of a plain number; a unit in the text itself counts before it.
CREATE OR REPLACE TEMP MACRO quantity_of(written, factor) AS
    coalesce(
        try_cast(written AS DOUBLE) * factor,
        try_cast(regexp_extract(written, '^\s*([0-9.]+)', 1) AS DOUBLE)
        * CASE regexp_extract(written, '^\s*[0-9.]+\s*(n|u|m|k|K|M|G|T|P|Ki|Mi|Gi|Ti|Pi)?(?:B|iB)?\s*$', 1)
            WHEN 'n' THEN 1e-9
            WHEN 'u' THEN 1e-6
            WHEN 'm' THEN 1e-3
            WHEN 'k' THEN 1e3
            WHEN 'K' THEN 1e3
            WHEN 'M' THEN 1e6
            WHEN 'G' THEN 1e9
            WHEN 'T' THEN 1e12
            WHEN 'P' THEN 1e15
            WHEN 'Ki' THEN 1024.0
            WHEN 'Mi' THEN 1048576.0
            WHEN 'Gi' THEN 1073741824.0
            WHEN 'Ti' THEN 1099511627776.0
            WHEN 'Pi' THEN 1125899906842624.0
        END
    );

-- Whether a program says that it has no figure.
CREATE OR REPLACE TEMP MACRO is_no_figure(written) AS
    lower(trim(written)) IN ('', '-', 'nan', 'null', 'none', 'n/a', '<none>', '<unknown>', '<unset>');

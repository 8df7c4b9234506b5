SELECT
    (SELECT max(v) FROM checkpoint_migrations) AS newest,
    (
        SELECT count(*) FROM pg_trigger
        WHERE tgname = 'under_a_lease'
            AND tgrelid IN (
                'checkpoint_blobs'::regclass, 'checkpoints'::regclass, 'checkpoint_writes'::regclass
            )
    ) AS fences

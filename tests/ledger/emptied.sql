SET session_replication_role = replica;

DO $$
DECLARE each record;
BEGIN
    FOR each IN
        SELECT schemaname, tablename FROM pg_tables
        WHERE schemaname IN ('postlaunch', 'postlaunch_checkpoints')
        AND tablename NOT IN ('ledger_version', 'checkpoint_migrations')
    LOOP
        EXECUTE format('DELETE FROM %I.%I', each.schemaname, each.tablename);
    END LOOP;
END $$;

-- Every write of LangGraph's begins as an INSERT; pruning, which needs no lease, deletes and updates.
CREATE OR REPLACE FUNCTION require_lease() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM postlaunch.leases
    WHERE run = NEW.thread_id
        AND run = current_setting('postlaunch.run', true)
        AND token::text = current_setting('postlaunch.token', true)
        AND NOT released
    FOR SHARE; -- who takes the run over waits until this write is there or is not
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the writer holds no lease on run %', NEW.thread_id USING
            ERRCODE = 'PL001',
            DETAIL = coalesce((SELECT holder FROM postlaunch.leases WHERE run = NEW.thread_id), '');
    END IF;
    RETURN NEW;
END $$;

-- In the order in which a checkpoint is written, so that making them and writing do not wait for each other.
CREATE OR REPLACE TRIGGER under_a_lease BEFORE INSERT ON checkpoint_blobs
FOR EACH ROW EXECUTE FUNCTION require_lease();

CREATE OR REPLACE TRIGGER under_a_lease BEFORE INSERT ON checkpoints
FOR EACH ROW EXECUTE FUNCTION require_lease();

CREATE OR REPLACE TRIGGER under_a_lease BEFORE INSERT ON checkpoint_writes
FOR EACH ROW EXECUTE FUNCTION require_lease();

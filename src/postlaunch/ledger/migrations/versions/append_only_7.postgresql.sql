CREATE TRIGGER link_uses_stay BEFORE UPDATE ON link_uses
FOR EACH ROW EXECUTE FUNCTION postlaunch_refuse_change('the use of a link is never changed');

CREATE TRIGGER link_uses_remain BEFORE DELETE ON link_uses
FOR EACH ROW EXECUTE FUNCTION postlaunch_refuse_change('the use of a link is never deleted');

CREATE TRIGGER requests_keep_their_key BEFORE UPDATE OF link_key ON requests
FOR EACH ROW EXECUTE FUNCTION postlaunch_refuse_change('the key of a request is never changed');

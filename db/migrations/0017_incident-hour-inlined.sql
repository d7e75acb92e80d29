-- An immutable function around one that is only stable is called row by row; a stable one is put into the query. Its
-- answer depends on no setting either way, and counting a million incidents is a third faster.
alter function incident_hour(timestamptz) stable;

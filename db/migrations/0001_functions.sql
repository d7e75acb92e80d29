-- The city's time: the database's clock, or a fast one in a demonstration (table clock). Seen mid-transaction it moves on.
create function city_now() returns timestamptz language sql volatile as $$
  select coalesce(
    (select c.city_at + (clock_timestamp() - c.real_at) * c.speed from clock c),
    clock_timestamp())
$$;
--> statement-breakpoint
-- A partition of breadcrumbs for one day (UTC). Late uploads ask for days in the past, so it is made on demand.
create function ensure_breadcrumb_partition(day date) returns void language plpgsql as $$
declare name text := 'breadcrumb_' || to_char(day, 'YYYYMMDD');
begin
  if to_regclass(name) is null then
    perform pg_advisory_xact_lock(hashtext('breadcrumb_partition'));
    if to_regclass(name) is null then
      execute format('create table %I partition of breadcrumb for values from (%L) to (%L)',
        name, day::text || ' 00:00:00+00', (day + 1)::text || ' 00:00:00+00');
    end if;
  end if;
end $$;
--> statement-breakpoint
-- The partition of one million positions that holds `pos`.
create function ensure_event_partition(pos bigint) returns void language plpgsql as $$
declare number bigint := (pos - 1) / 1000000;
declare name text := 'event_' || to_char(number, 'FM000000');
begin
  if to_regclass(name) is null then
    execute format('create table %I partition of event for values from (%s) to (%s)',
      name, number * 1000000 + 1, (number + 1) * 1000000 + 1);
  end if;
end $$;
--> statement-breakpoint
select ensure_event_partition(1);
--> statement-breakpoint
insert into event_head (id, pos) values (1, 0);
--> statement-breakpoint
-- The outbox is filled and emptied all day: vacuum by count, not by share of a table that is nearly always empty.
alter table outbox set (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, fillfactor = 100);
--> statement-breakpoint
alter table unit_position set (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05);
--> statement-breakpoint
alter table patrol_window set (fillfactor = 80);

-- Nothing was ever written to it: it is made anew as the cells of a map.
DROP TABLE "hotspot";
--> statement-breakpoint
CREATE TABLE "hotspot" (
	"map_id" integer NOT NULL,
	"cell" bigint NOT NULL,
	"precinct_id" integer NOT NULL,
	"station_id" integer,
	"count" integer NOT NULL,
	"z" double precision NOT NULL,
	"p" double precision NOT NULL,
	"permuted_p" double precision,
	"significant" smallint NOT NULL,
	CONSTRAINT "hotspot_map_id_cell_pk" PRIMARY KEY("map_id","cell")
);
--> statement-breakpoint
CREATE TABLE "hotspot_dosage" (
	"id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "hotspot_dosage_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"cell" bigint NOT NULL,
	"precinct_id" integer NOT NULL,
	"station_id" integer,
	"source" text NOT NULL,
	"categories" text[] NOT NULL,
	"hours" smallint[],
	"starts_on" date NOT NULL,
	"ends_on" date NOT NULL,
	"ordered_by" integer NOT NULL,
	"ordered_at" timestamp with time zone NOT NULL,
	"ended_by" integer,
	"ended_at" timestamp with time zone,
	"measured_through" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "hotspot_forecast" (
	"id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "hotspot_forecast_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"key" text NOT NULL,
	"source" text NOT NULL,
	"categories" text[] NOT NULL,
	"period_from" date NOT NULL,
	"period_to" date NOT NULL,
	"cases" integer NOT NULL,
	"area_km2" double precision NOT NULL,
	"city_km2" double precision NOT NULL,
	"model" jsonb NOT NULL,
	"track_record" jsonb NOT NULL,
	"data_through" timestamp with time zone,
	"computed_at" timestamp with time zone NOT NULL,
	CONSTRAINT "hotspot_forecast_key_unique" UNIQUE("key")
);
--> statement-breakpoint
CREATE TABLE "hotspot_forecast_cell" (
	"forecast_id" integer NOT NULL,
	"rank" integer NOT NULL,
	"cell" bigint NOT NULL,
	"precinct_id" integer,
	"score" real NOT NULL,
	CONSTRAINT "hotspot_forecast_cell_forecast_id_rank_pk" PRIMARY KEY("forecast_id","rank")
);
--> statement-breakpoint
CREATE TABLE "hotspot_map" (
	"id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "hotspot_map_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"key" text NOT NULL,
	"source" text NOT NULL,
	"categories" text[] NOT NULL,
	"period_from" date NOT NULL,
	"period_to" date NOT NULL,
	"resolution" smallint NOT NULL,
	"hours" smallint[],
	"cases" integer NOT NULL,
	"outside" integer NOT NULL,
	"cells" integer NOT NULL,
	"p_threshold" double precision NOT NULL,
	"permutations" integer NOT NULL,
	"seed" integer NOT NULL,
	"data_through" timestamp with time zone,
	"computed_at" timestamp with time zone NOT NULL,
	CONSTRAINT "hotspot_map_key_unique" UNIQUE("key")
);
--> statement-breakpoint
CREATE TABLE "hotspot_visit" (
	"id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "hotspot_visit_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"dosage_id" integer NOT NULL,
	"unit_id" integer NOT NULL,
	"arrived_at" timestamp with time zone NOT NULL,
	"left_at" timestamp with time zone NOT NULL,
	"check_ins" integer DEFAULT 0 NOT NULL,
	CONSTRAINT "hotspot_visit_dosageId_unitId_arrivedAt_unique" UNIQUE("dosage_id","unit_id","arrived_at")
);
--> statement-breakpoint
CREATE TABLE "incident_cell" (
	"source" text NOT NULL,
	"category" text NOT NULL,
	"cell" bigint NOT NULL,
	"hours" integer[] NOT NULL,
	CONSTRAINT "incident_cell_source_category_cell_pk" PRIMARY KEY("source","category","cell")
);
--> statement-breakpoint
CREATE TABLE "incident_cell_touched" (
	"source" text NOT NULL,
	"category" text NOT NULL,
	"cell" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "study_cell" (
	"cell" bigint PRIMARY KEY NOT NULL,
	"precinct_id" integer NOT NULL,
	"station_id" integer,
	"lon" double precision NOT NULL,
	"lat" double precision NOT NULL
);
--> statement-breakpoint
CREATE TABLE "job" (
	"id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "job_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"kind" text NOT NULL,
	"key" text NOT NULL,
	"input" jsonb NOT NULL,
	"seed" integer NOT NULL,
	"state" text DEFAULT 'queued' NOT NULL,
	"progress" real DEFAULT 0 NOT NULL,
	"note" text,
	"result" jsonb,
	"error" text,
	"precinct_id" integer,
	"station_id" integer,
	"requested_by" integer,
	"requested_at" timestamp with time zone NOT NULL,
	"started_at" timestamp with time zone,
	"finished_at" timestamp with time zone,
	"attempt" smallint DEFAULT 0 NOT NULL,
	"alive_at" timestamp with time zone
);
--> statement-breakpoint
ALTER TABLE "hotspot_forecast_cell" ADD CONSTRAINT "hotspot_forecast_cell_forecast_id_hotspot_forecast_id_fk" FOREIGN KEY ("forecast_id") REFERENCES "public"."hotspot_forecast"("id") ON DELETE cascade ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "hotspot_visit" ADD CONSTRAINT "hotspot_visit_dosage_id_hotspot_dosage_id_fk" FOREIGN KEY ("dosage_id") REFERENCES "public"."hotspot_dosage"("id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "hotspot_visit" ADD CONSTRAINT "hotspot_visit_unit_id_unit_id_fk" FOREIGN KEY ("unit_id") REFERENCES "public"."unit"("id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
CREATE INDEX "hotspot_dosage_precinct_id_starts_on_index" ON "hotspot_dosage" USING btree ("precinct_id","starts_on");
--> statement-breakpoint
CREATE INDEX "hotspot_forecast_source_computed_at_index" ON "hotspot_forecast" USING btree ("source","computed_at");
--> statement-breakpoint
CREATE INDEX "hotspot_map_computed_at_index" ON "hotspot_map" USING btree ("computed_at");
--> statement-breakpoint
CREATE INDEX "incident_cell_cell_index" ON "incident_cell" USING btree ("cell");
--> statement-breakpoint
CREATE INDEX "study_cell_precinct_id_index" ON "study_cell" USING btree ("precinct_id");
--> statement-breakpoint
CREATE UNIQUE INDEX "job_key_standing" ON "job" USING btree ("key") WHERE "job"."state" in ('queued', 'running', 'done');
--> statement-breakpoint
CREATE INDEX "job_unfinished" ON "job" USING btree ("state","id") WHERE "job"."state" in ('queued', 'running');
--> statement-breakpoint
CREATE INDEX "job_requested_at_index" ON "job" USING btree ("requested_at");
--> statement-breakpoint
ALTER TABLE "hotspot" ADD CONSTRAINT "hotspot_map_id_hotspot_map_id_fk" FOREIGN KEY ("map_id") REFERENCES "public"."hotspot_map"("id") ON DELETE cascade ON UPDATE no action;
--> statement-breakpoint
CREATE INDEX "incident_by_cell" ON "incident" USING btree ("source","category","h3_r_9","occurred_at");
--> statement-breakpoint
-- Hours since 1970 by the clocks of Taiwan, which have stood at UTC+8 since 1980. By arithmetic: `at time zone` costs ten times more.
create function incident_hour(occurred_at timestamptz) returns int language sql immutable parallel safe
return floor((date_part('epoch', occurred_at) + 28800) / 3600)::int;
--> statement-breakpoint
-- Every incident that comes, changes or goes leaves word of the cell to count again, whoever wrote it.
create function touch_incident_cells() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    insert into incident_cell_touched (source, category, cell) select distinct source, category, h3_r_9 from after_rows;
  elsif tg_op = 'DELETE' then
    insert into incident_cell_touched (source, category, cell) select distinct source, category, h3_r_9 from before_rows;
  else
    -- An incident that is only dispatched or closed stays where it counts.
    insert into incident_cell_touched (source, category, cell)
    select distinct moved.* from before_rows b join after_rows a using (id)
    cross join lateral (values (a.source, a.category, a.h3_r_9), (b.source, b.category, b.h3_r_9)) moved
    where (a.source, a.category, a.occurred_at, a.h3_r_9) is distinct from (b.source, b.category, b.occurred_at, b.h3_r_9);
  end if;
  return null;
end $$;
--> statement-breakpoint
create trigger incident_inserted after insert on incident referencing new table as after_rows
  for each statement execute function touch_incident_cells();
--> statement-breakpoint
create trigger incident_updated after update on incident referencing new table as after_rows old table as before_rows
  for each statement execute function touch_incident_cells();
--> statement-breakpoint
create trigger incident_deleted after delete on incident referencing old table as before_rows
  for each statement execute function touch_incident_cells();
--> statement-breakpoint
-- The parent of an H3 index at a coarser resolution: its resolution bits changed and the digits below set to 7 (unused).
create function h3_parent(cell bigint, fine int, coarse int) returns bigint language sql immutable parallel safe
return (cell & ~(15::bigint << 52)) | (coarse::bigint << 52) | (((1::bigint << (3 * (fine - coarse))) - 1) << (3 * (15 - fine)));
--> statement-breakpoint
-- Filled and emptied all day.
alter table incident_cell_touched set (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);
--> statement-breakpoint
-- Incidents from before this table: the first worker counts them.
insert into incident_cell_touched (source, category, cell) select distinct source, category, h3_r_9 from incident;

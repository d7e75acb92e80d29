CREATE TABLE "planned_route" (
	"id" uuid PRIMARY KEY NOT NULL,
	"route_plan_id" uuid NOT NULL,
	"precinct_id" integer NOT NULL,
	"station_id" integer NOT NULL,
	"shift_id" integer NOT NULL,
	"unit_id" integer NOT NULL,
	"alternative" smallint NOT NULL,
	"mode" text NOT NULL,
	"line" text NOT NULL,
	"direction" text NOT NULL,
	"starts_at" timestamp with time zone NOT NULL,
	"ends_at" timestamp with time zone NOT NULL,
	"travel_seconds" integer NOT NULL,
	"meters" integer NOT NULL,
	"score" real NOT NULL,
	"coverage" real NOT NULL,
	"cost_ratio" real NOT NULL,
	"predictability" real,
	"match" jsonb,
	"state" text DEFAULT 'proposed' NOT NULL,
	"assigned_by" integer,
	"assigned_at" timestamp with time zone,
	"ended_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "planned_stop" (
	"planned_route_id" uuid NOT NULL,
	"sequence" smallint NOT NULL,
	"patrol_point_id" integer NOT NULL,
	"arrives_at" timestamp with time zone NOT NULL,
	"service_seconds" integer NOT NULL,
	"score" real NOT NULL,
	"fixed" boolean DEFAULT false NOT NULL,
	CONSTRAINT "planned_stop_planned_route_id_sequence_pk" PRIMARY KEY("planned_route_id","sequence")
);
--> statement-breakpoint
CREATE TABLE "route_plan" (
	"id" uuid PRIMARY KEY NOT NULL,
	"precinct_id" integer NOT NULL,
	"station_id" integer NOT NULL,
	"shift_id" integer NOT NULL,
	"request" jsonb NOT NULL,
	"seed" bigint NOT NULL,
	"state" text DEFAULT 'planning' NOT NULL,
	"problem" text,
	"travel_source" text,
	"requested_by" integer NOT NULL,
	"requested_at" timestamp with time zone NOT NULL,
	"finished_at" timestamp with time zone
);
--> statement-breakpoint
ALTER TABLE "officer" ADD COLUMN "skills" text[] DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE "patrol_point" ADD COLUMN "wanted_skills" text[] DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE "planned_route" ADD CONSTRAINT "planned_route_route_plan_id_route_plan_id_fk" FOREIGN KEY ("route_plan_id") REFERENCES "public"."route_plan"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "planned_route" ADD CONSTRAINT "planned_route_shift_id_shift_id_fk" FOREIGN KEY ("shift_id") REFERENCES "public"."shift"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "planned_route" ADD CONSTRAINT "planned_route_unit_id_unit_id_fk" FOREIGN KEY ("unit_id") REFERENCES "public"."unit"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "planned_route" ADD CONSTRAINT "planned_route_assigned_by_officer_id_fk" FOREIGN KEY ("assigned_by") REFERENCES "public"."officer"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "planned_stop" ADD CONSTRAINT "planned_stop_planned_route_id_planned_route_id_fk" FOREIGN KEY ("planned_route_id") REFERENCES "public"."planned_route"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "planned_stop" ADD CONSTRAINT "planned_stop_patrol_point_id_patrol_point_id_fk" FOREIGN KEY ("patrol_point_id") REFERENCES "public"."patrol_point"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "route_plan" ADD CONSTRAINT "route_plan_precinct_id_organisation_id_fk" FOREIGN KEY ("precinct_id") REFERENCES "public"."organisation"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "route_plan" ADD CONSTRAINT "route_plan_station_id_organisation_id_fk" FOREIGN KEY ("station_id") REFERENCES "public"."organisation"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "route_plan" ADD CONSTRAINT "route_plan_shift_id_shift_id_fk" FOREIGN KEY ("shift_id") REFERENCES "public"."shift"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "route_plan" ADD CONSTRAINT "route_plan_requested_by_officer_id_fk" FOREIGN KEY ("requested_by") REFERENCES "public"."officer"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "planned_route_route_plan_id_index" ON "planned_route" USING btree ("route_plan_id");--> statement-breakpoint
CREATE UNIQUE INDEX "planned_route_assigned" ON "planned_route" USING btree ("unit_id") WHERE "planned_route"."state" = 'assigned';--> statement-breakpoint
CREATE INDEX "planned_route_executed" ON "planned_route" USING btree ("station_id","starts_at") WHERE "planned_route"."state" <> 'proposed';--> statement-breakpoint
CREATE INDEX "planned_stop_patrol_point_id_arrives_at_index" ON "planned_stop" USING btree ("patrol_point_id","arrives_at");--> statement-breakpoint
CREATE INDEX "route_plan_shift_id_requested_at_index" ON "route_plan" USING btree ("shift_id","requested_at");
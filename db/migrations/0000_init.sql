CREATE TABLE "alert" (
	"id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "alert_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"kind" text NOT NULL,
	"dedup_key" text NOT NULL,
	"priority" smallint NOT NULL,
	"state" text DEFAULT 'unack' NOT NULL,
	"precinct_id" integer,
	"station_id" integer,
	"subject" jsonb NOT NULL,
	"count" integer DEFAULT 1 NOT NULL,
	"raised_at" timestamp with time zone NOT NULL,
	"changed_at" timestamp with time zone NOT NULL,
	"acknowledged_by" integer,
	"acknowledged_at" timestamp with time zone,
	"closed_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "assignment" (
	"id" uuid PRIMARY KEY NOT NULL,
	"incident_id" bigint,
	"patrol_route_id" integer,
	"unit_id" integer NOT NULL,
	"precinct_id" integer NOT NULL,
	"epoch" integer DEFAULT 1 NOT NULL,
	"state" text DEFAULT 'ordered' NOT NULL,
	"ordered_by" integer NOT NULL,
	"note" text,
	"ordered_at" timestamp with time zone DEFAULT now() NOT NULL,
	"accepted_at" timestamp with time zone,
	"en_route_at" timestamp with time zone,
	"on_scene_at" timestamp with time zone,
	"cleared_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "audit" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "audit_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	"officer_id" integer,
	"action" text NOT NULL,
	"subject" text NOT NULL,
	"precinct_id" integer,
	"details" jsonb
);
--> statement-breakpoint
CREATE TABLE "area" (
	"code" text PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"district_code" text NOT NULL,
	"name" text NOT NULL,
	"name_en" text,
	"shape" geometry(MultiPolygon, 4326) NOT NULL
);
--> statement-breakpoint
CREATE TABLE "road" (
	"id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "road_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"way_id" bigint NOT NULL,
	"from_node" bigint NOT NULL,
	"to_node" bigint NOT NULL,
	"name" text,
	"road_class" text NOT NULL,
	"oneway" boolean NOT NULL,
	"length_meters" real NOT NULL,
	"speed_limit_kph" smallint,
	"line" geometry(LineString, 4326) NOT NULL,
	"import_batch_id" integer
);
--> statement-breakpoint
CREATE TABLE "breadcrumb" (
	"officer_id" integer NOT NULL,
	"recorded_at" timestamp (3) with time zone NOT NULL,
	"unit_id" integer NOT NULL,
	"received_at" timestamp (3) with time zone NOT NULL,
	"lon" double precision NOT NULL,
	"lat" double precision NOT NULL,
	"accuracy_meters" real,
	"speed_mps" real,
	"heading_degrees" real,
	"battery_percent" smallint,
	CONSTRAINT "breadcrumb_officer_id_recorded_at_pk" PRIMARY KEY("officer_id","recorded_at")
) PARTITION BY RANGE (recorded_at);
--> statement-breakpoint
CREATE TABLE "briefing" (
	"id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "briefing_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"precinct_id" integer NOT NULL,
	"station_id" integer,
	"patrol_point_id" integer,
	"incident_id" bigint,
	"title" text NOT NULL,
	"body" text NOT NULL,
	"priority" smallint DEFAULT 2 NOT NULL,
	"valid_from" timestamp with time zone DEFAULT now() NOT NULL,
	"valid_to" timestamp with time zone,
	"created_by" integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE "campaign" (
	"id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "campaign_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"kind" text NOT NULL,
	"name" text NOT NULL,
	"name_en" text,
	"starts_on" date NOT NULL,
	"ends_on" date NOT NULL
);
--> statement-breakpoint
CREATE TABLE "check_in" (
	"id" uuid PRIMARY KEY NOT NULL,
	"officer_id" integer NOT NULL,
	"unit_id" integer,
	"device_id" uuid,
	"patrol_point_id" integer,
	"tag_id" integer,
	"precinct_id" integer NOT NULL,
	"station_id" integer,
	"proof_kind" text NOT NULL,
	"act" text NOT NULL,
	"role" text NOT NULL,
	"claimed_at" timestamp (3) with time zone NOT NULL,
	"received_at" timestamp (3) with time zone NOT NULL,
	"checked_in_at" timestamp (3) with time zone NOT NULL,
	"position" geometry(Point, 4326),
	"accuracy_meters" real,
	"distance_meters" real,
	"verdict" text NOT NULL,
	"fulfils" text NOT NULL,
	"reasons" jsonb NOT NULL,
	"work_note" text,
	"raw" jsonb NOT NULL,
	"content_hash" "bytea" NOT NULL,
	"reviewed_by" integer,
	"reviewed_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "check_in_conflict" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "check_in_conflict_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"check_in_id" uuid NOT NULL,
	"officer_id" integer NOT NULL,
	"received_at" timestamp (3) with time zone NOT NULL,
	"raw" jsonb NOT NULL,
	"content_hash" "bytea" NOT NULL
);
--> statement-breakpoint
CREATE TABLE "quarantine" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "quarantine_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"officer_id" integer NOT NULL,
	"received_at" timestamp (3) with time zone NOT NULL,
	"field" text NOT NULL,
	"message" text NOT NULL,
	"raw" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "clock" (
	"id" smallint PRIMARY KEY DEFAULT 1 NOT NULL,
	"real_at" timestamp with time zone NOT NULL,
	"city_at" timestamp with time zone NOT NULL,
	"speed" double precision NOT NULL,
	CONSTRAINT "clock_single" CHECK ("clock"."id" = 1),
	CONSTRAINT "clock_speed" CHECK ("clock"."speed" between 1 and 60)
);
--> statement-breakpoint
CREATE TABLE "device" (
	"id" uuid PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"label" text NOT NULL,
	"officer_id" integer,
	"public_key" jsonb,
	"enrolled_at" timestamp with time zone DEFAULT now() NOT NULL,
	"approved_by" integer,
	"approved_at" timestamp with time zone,
	"revoked_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "event" (
	"pos" bigint PRIMARY KEY NOT NULL,
	"event_id" uuid NOT NULL,
	"type" text NOT NULL,
	"precinct_id" integer,
	"station_id" integer,
	"at" timestamp (3) with time zone NOT NULL,
	"data" jsonb NOT NULL
) PARTITION BY RANGE (pos);
--> statement-breakpoint
CREATE TABLE "event_head" (
	"id" smallint PRIMARY KEY DEFAULT 1 NOT NULL,
	"pos" bigint DEFAULT 0 NOT NULL,
	CONSTRAINT "event_head_single" CHECK ("event_head"."id" = 1)
);
--> statement-breakpoint
CREATE TABLE "outbox" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "outbox_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"event_id" uuid DEFAULT gen_random_uuid() NOT NULL,
	"type" text NOT NULL,
	"precinct_id" integer,
	"station_id" integer,
	"at" timestamp (3) with time zone NOT NULL,
	"data" jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "hotspot" (
	"source" text NOT NULL,
	"category" text NOT NULL,
	"period_from" date NOT NULL,
	"period_to" date NOT NULL,
	"resolution" smallint NOT NULL,
	"cell" bigint NOT NULL,
	"precinct_id" integer,
	"count" integer NOT NULL,
	"z" double precision,
	"p" double precision,
	"computed_at" timestamp with time zone NOT NULL,
	CONSTRAINT "hotspot_source_category_period_from_period_to_resolution_cell_pk" PRIMARY KEY("source","category","period_from","period_to","resolution","cell")
);
--> statement-breakpoint
CREATE TABLE "import_batch" (
	"id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "import_batch_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"kind" text NOT NULL,
	"file_name" text NOT NULL,
	"rows_read" integer NOT NULL,
	"rows_written" integer NOT NULL,
	"bad_rows" jsonb NOT NULL,
	"imported_by" integer,
	"imported_at" timestamp with time zone DEFAULT now() NOT NULL,
	"undone_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "incident" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "incident_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"source" text NOT NULL,
	"external_id" text NOT NULL,
	"category" text NOT NULL,
	"subtype" text,
	"priority" smallint DEFAULT 2 NOT NULL,
	"occurred_at" timestamp with time zone NOT NULL,
	"position" geometry(Point, 4326) NOT NULL,
	"address" text,
	"precinct_id" integer,
	"station_id" integer,
	"h3_r_8" bigint NOT NULL,
	"h3_r_9" bigint NOT NULL,
	"h3_r_10" bigint NOT NULL,
	"status" text DEFAULT 'closed' NOT NULL,
	"details" jsonb,
	"import_batch_id" integer,
	"received_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "incident_source_externalId_unique" UNIQUE("source","external_id")
);
--> statement-breakpoint
CREATE TABLE "login_attempt" (
	"key" text PRIMARY KEY NOT NULL,
	"failures" integer NOT NULL,
	"last_failed_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "officer" (
	"id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "officer_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"station_id" integer,
	"precinct_id" integer,
	"login" text NOT NULL,
	"name" text NOT NULL,
	"password_hash" text NOT NULL,
	"disabled_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "officer_login_unique" UNIQUE("login")
);
--> statement-breakpoint
CREATE TABLE "role_grant" (
	"officer_id" integer NOT NULL,
	"role" text NOT NULL,
	"organisation_id" integer NOT NULL,
	CONSTRAINT "role_grant_officer_id_role_organisation_id_pk" PRIMARY KEY("officer_id","role","organisation_id")
);
--> statement-breakpoint
CREATE TABLE "organisation" (
	"id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "organisation_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"kind" text NOT NULL,
	"parent_id" integer,
	"precinct_id" integer,
	"station_id" integer,
	"code" text NOT NULL,
	"name" text NOT NULL,
	"name_en" text NOT NULL,
	"position" geometry(Point, 4326),
	"area" geometry(MultiPolygon, 4326),
	CONSTRAINT "organisation_code_unique" UNIQUE("code")
);
--> statement-breakpoint
CREATE TABLE "patrol_point" (
	"id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "patrol_point_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"code" text NOT NULL,
	"name" text NOT NULL,
	"category" text NOT NULL,
	"priority" smallint DEFAULT 2 NOT NULL,
	"position" geometry(Point, 4326) NOT NULL,
	"radius_meters" integer DEFAULT 50 NOT NULL,
	"address" text,
	"village" text,
	"precinct_id" integer NOT NULL,
	"station_id" integer NOT NULL,
	"beat_id" integer,
	"h3_r_8" bigint NOT NULL,
	"h3_r_9" bigint NOT NULL,
	"h3_r_10" bigint NOT NULL,
	"temporary" boolean DEFAULT false NOT NULL,
	"campaign_id" integer,
	"synthetic" boolean DEFAULT false NOT NULL,
	"source_key" text,
	"import_batch_id" integer,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"retired_at" timestamp with time zone,
	CONSTRAINT "patrol_point_code_unique" UNIQUE("code"),
	CONSTRAINT "patrol_point_sourceKey_unique" UNIQUE("source_key")
);
--> statement-breakpoint
CREATE TABLE "patrol_route" (
	"id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "patrol_route_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"code" text NOT NULL,
	"name" text NOT NULL,
	"precinct_id" integer NOT NULL,
	"station_id" integer NOT NULL,
	"mode" text DEFAULT 'fixed' NOT NULL,
	"import_batch_id" integer,
	"retired_at" timestamp with time zone,
	CONSTRAINT "patrol_route_code_unique" UNIQUE("code")
);
--> statement-breakpoint
CREATE TABLE "patrol_route_stop" (
	"patrol_route_id" integer NOT NULL,
	"sequence" smallint NOT NULL,
	"patrol_point_id" integer NOT NULL,
	"due_minute" smallint,
	CONSTRAINT "patrol_route_stop_patrol_route_id_sequence_pk" PRIMARY KEY("patrol_route_id","sequence")
);
--> statement-breakpoint
CREATE TABLE "patrol_window" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "patrol_window_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"rule_id" integer NOT NULL,
	"patrol_point_id" integer NOT NULL,
	"precinct_id" integer NOT NULL,
	"station_id" integer NOT NULL,
	"service_on" date NOT NULL,
	"starts_at" timestamp with time zone NOT NULL,
	"ends_at" timestamp with time zone NOT NULL,
	"grace_ends_at" timestamp with time zone NOT NULL,
	"required_count" smallint NOT NULL,
	"done_count" smallint DEFAULT 0 NOT NULL,
	"state" text DEFAULT 'pending' NOT NULL,
	"next_change_at" timestamp with time zone,
	"check_in_id" uuid,
	"decided_by" integer,
	"decided_at" timestamp with time zone,
	"decision_reason" text,
	"evidence" jsonb,
	CONSTRAINT "patrol_window_ruleId_startsAt_unique" UNIQUE("rule_id","starts_at")
);
--> statement-breakpoint
CREATE TABLE "window_rule" (
	"id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "window_rule_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"patrol_point_id" integer NOT NULL,
	"patrol_route_id" integer,
	"weekdays" smallint DEFAULT 127 NOT NULL,
	"start_minute" smallint NOT NULL,
	"duration_minutes" smallint NOT NULL,
	"required_count" smallint DEFAULT 1 NOT NULL,
	"grace_seconds" integer DEFAULT 600 NOT NULL,
	"valid_from" date NOT NULL,
	"valid_to" date,
	"active" boolean DEFAULT true NOT NULL
);
--> statement-breakpoint
CREATE TABLE "session" (
	"id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "session_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"token_hash" "bytea" NOT NULL,
	"officer_id" integer,
	"wall_display_id" integer,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"revoked_at" timestamp with time zone,
	"user_agent" text,
	CONSTRAINT "session_tokenHash_unique" UNIQUE("token_hash")
);
--> statement-breakpoint
CREATE TABLE "wall_display" (
	"id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "wall_display_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"name" text NOT NULL,
	"organisation_id" integer,
	"pairing_code_hash" "bytea" NOT NULL,
	"claim_hash" "bytea" NOT NULL,
	"pairing_expires_at" timestamp with time zone NOT NULL,
	"approved_by" integer,
	"approved_at" timestamp with time zone,
	"claimed_at" timestamp with time zone,
	"revoked_at" timestamp with time zone,
	CONSTRAINT "wall_display_claimHash_unique" UNIQUE("claim_hash")
);
--> statement-breakpoint
CREATE TABLE "shift" (
	"id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "shift_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"station_id" integer NOT NULL,
	"precinct_id" integer NOT NULL,
	"band" text NOT NULL,
	"starts_at" timestamp with time zone NOT NULL,
	"ends_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "unit" (
	"id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "unit_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"shift_id" integer NOT NULL,
	"station_id" integer NOT NULL,
	"precinct_id" integer NOT NULL,
	"call_sign" text NOT NULL,
	"mode" text NOT NULL,
	"duty_type" text DEFAULT 'patrol' NOT NULL,
	"patrol_route_id" integer
);
--> statement-breakpoint
CREATE TABLE "unit_member" (
	"unit_id" integer NOT NULL,
	"officer_id" integer NOT NULL,
	CONSTRAINT "unit_member_unit_id_officer_id_pk" PRIMARY KEY("unit_id","officer_id")
);
--> statement-breakpoint
CREATE TABLE "unit_position" (
	"unit_id" integer PRIMARY KEY NOT NULL,
	"precinct_id" integer NOT NULL,
	"station_id" integer NOT NULL,
	"lon" double precision NOT NULL,
	"lat" double precision NOT NULL,
	"accuracy_meters" real,
	"speed_mps" real,
	"heading_degrees" real,
	"recorded_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "tag" (
	"id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "tag_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"patrol_point_id" integer NOT NULL,
	"kind" text NOT NULL,
	"opaque_id" bigint NOT NULL,
	"key_version" smallint NOT NULL,
	"uid" text,
	"highest_counter" integer,
	"issued_at" timestamp with time zone DEFAULT now() NOT NULL,
	"retired_at" timestamp with time zone,
	"revoked_at" timestamp with time zone,
	CONSTRAINT "tag_opaqueId_unique" UNIQUE("opaque_id"),
	CONSTRAINT "tag_uid_unique" UNIQUE("uid")
);
--> statement-breakpoint
ALTER TABLE "assignment" ADD CONSTRAINT "assignment_incident_id_incident_id_fk" FOREIGN KEY ("incident_id") REFERENCES "public"."incident"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "assignment" ADD CONSTRAINT "assignment_patrol_route_id_patrol_route_id_fk" FOREIGN KEY ("patrol_route_id") REFERENCES "public"."patrol_route"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "assignment" ADD CONSTRAINT "assignment_unit_id_unit_id_fk" FOREIGN KEY ("unit_id") REFERENCES "public"."unit"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "road" ADD CONSTRAINT "road_import_batch_id_import_batch_id_fk" FOREIGN KEY ("import_batch_id") REFERENCES "public"."import_batch"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "briefing" ADD CONSTRAINT "briefing_patrol_point_id_patrol_point_id_fk" FOREIGN KEY ("patrol_point_id") REFERENCES "public"."patrol_point"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "briefing" ADD CONSTRAINT "briefing_incident_id_incident_id_fk" FOREIGN KEY ("incident_id") REFERENCES "public"."incident"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "device" ADD CONSTRAINT "device_officer_id_officer_id_fk" FOREIGN KEY ("officer_id") REFERENCES "public"."officer"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "device" ADD CONSTRAINT "device_approved_by_officer_id_fk" FOREIGN KEY ("approved_by") REFERENCES "public"."officer"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "incident" ADD CONSTRAINT "incident_import_batch_id_import_batch_id_fk" FOREIGN KEY ("import_batch_id") REFERENCES "public"."import_batch"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "officer" ADD CONSTRAINT "officer_station_id_organisation_id_fk" FOREIGN KEY ("station_id") REFERENCES "public"."organisation"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "officer" ADD CONSTRAINT "officer_precinct_id_organisation_id_fk" FOREIGN KEY ("precinct_id") REFERENCES "public"."organisation"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "role_grant" ADD CONSTRAINT "role_grant_officer_id_officer_id_fk" FOREIGN KEY ("officer_id") REFERENCES "public"."officer"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "role_grant" ADD CONSTRAINT "role_grant_organisation_id_organisation_id_fk" FOREIGN KEY ("organisation_id") REFERENCES "public"."organisation"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "organisation" ADD CONSTRAINT "organisation_parent_id_organisation_id_fk" FOREIGN KEY ("parent_id") REFERENCES "public"."organisation"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "patrol_point" ADD CONSTRAINT "patrol_point_precinct_id_organisation_id_fk" FOREIGN KEY ("precinct_id") REFERENCES "public"."organisation"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "patrol_point" ADD CONSTRAINT "patrol_point_station_id_organisation_id_fk" FOREIGN KEY ("station_id") REFERENCES "public"."organisation"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "patrol_point" ADD CONSTRAINT "patrol_point_beat_id_organisation_id_fk" FOREIGN KEY ("beat_id") REFERENCES "public"."organisation"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "patrol_point" ADD CONSTRAINT "patrol_point_campaign_id_campaign_id_fk" FOREIGN KEY ("campaign_id") REFERENCES "public"."campaign"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "patrol_point" ADD CONSTRAINT "patrol_point_import_batch_id_import_batch_id_fk" FOREIGN KEY ("import_batch_id") REFERENCES "public"."import_batch"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "patrol_route" ADD CONSTRAINT "patrol_route_precinct_id_organisation_id_fk" FOREIGN KEY ("precinct_id") REFERENCES "public"."organisation"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "patrol_route" ADD CONSTRAINT "patrol_route_station_id_organisation_id_fk" FOREIGN KEY ("station_id") REFERENCES "public"."organisation"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "patrol_route" ADD CONSTRAINT "patrol_route_import_batch_id_import_batch_id_fk" FOREIGN KEY ("import_batch_id") REFERENCES "public"."import_batch"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "patrol_route_stop" ADD CONSTRAINT "patrol_route_stop_patrol_route_id_patrol_route_id_fk" FOREIGN KEY ("patrol_route_id") REFERENCES "public"."patrol_route"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "patrol_route_stop" ADD CONSTRAINT "patrol_route_stop_patrol_point_id_patrol_point_id_fk" FOREIGN KEY ("patrol_point_id") REFERENCES "public"."patrol_point"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "patrol_window" ADD CONSTRAINT "patrol_window_rule_id_window_rule_id_fk" FOREIGN KEY ("rule_id") REFERENCES "public"."window_rule"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "patrol_window" ADD CONSTRAINT "patrol_window_patrol_point_id_patrol_point_id_fk" FOREIGN KEY ("patrol_point_id") REFERENCES "public"."patrol_point"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "patrol_window" ADD CONSTRAINT "patrol_window_precinct_id_organisation_id_fk" FOREIGN KEY ("precinct_id") REFERENCES "public"."organisation"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "patrol_window" ADD CONSTRAINT "patrol_window_station_id_organisation_id_fk" FOREIGN KEY ("station_id") REFERENCES "public"."organisation"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "patrol_window" ADD CONSTRAINT "patrol_window_decided_by_officer_id_fk" FOREIGN KEY ("decided_by") REFERENCES "public"."officer"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "window_rule" ADD CONSTRAINT "window_rule_patrol_point_id_patrol_point_id_fk" FOREIGN KEY ("patrol_point_id") REFERENCES "public"."patrol_point"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "window_rule" ADD CONSTRAINT "window_rule_patrol_route_id_patrol_route_id_fk" FOREIGN KEY ("patrol_route_id") REFERENCES "public"."patrol_route"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "session" ADD CONSTRAINT "session_officer_id_officer_id_fk" FOREIGN KEY ("officer_id") REFERENCES "public"."officer"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "session" ADD CONSTRAINT "session_wall_display_id_wall_display_id_fk" FOREIGN KEY ("wall_display_id") REFERENCES "public"."wall_display"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "wall_display" ADD CONSTRAINT "wall_display_organisation_id_organisation_id_fk" FOREIGN KEY ("organisation_id") REFERENCES "public"."organisation"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "wall_display" ADD CONSTRAINT "wall_display_approved_by_officer_id_fk" FOREIGN KEY ("approved_by") REFERENCES "public"."officer"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "shift" ADD CONSTRAINT "shift_station_id_organisation_id_fk" FOREIGN KEY ("station_id") REFERENCES "public"."organisation"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "shift" ADD CONSTRAINT "shift_precinct_id_organisation_id_fk" FOREIGN KEY ("precinct_id") REFERENCES "public"."organisation"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "unit" ADD CONSTRAINT "unit_shift_id_shift_id_fk" FOREIGN KEY ("shift_id") REFERENCES "public"."shift"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "unit" ADD CONSTRAINT "unit_patrol_route_id_patrol_route_id_fk" FOREIGN KEY ("patrol_route_id") REFERENCES "public"."patrol_route"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "unit_member" ADD CONSTRAINT "unit_member_unit_id_unit_id_fk" FOREIGN KEY ("unit_id") REFERENCES "public"."unit"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "unit_member" ADD CONSTRAINT "unit_member_officer_id_officer_id_fk" FOREIGN KEY ("officer_id") REFERENCES "public"."officer"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "tag" ADD CONSTRAINT "tag_patrol_point_id_patrol_point_id_fk" FOREIGN KEY ("patrol_point_id") REFERENCES "public"."patrol_point"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "alert_open_dedup" ON "alert" USING btree ("dedup_key") WHERE "alert"."closed_at" is null;--> statement-breakpoint
CREATE INDEX "alert_precinct_id_raised_at_index" ON "alert" USING btree ("precinct_id","raised_at");--> statement-breakpoint
CREATE INDEX "assignment_unit_id_index" ON "assignment" USING btree ("unit_id");--> statement-breakpoint
CREATE INDEX "assignment_precinct_id_ordered_at_index" ON "assignment" USING btree ("precinct_id","ordered_at");--> statement-breakpoint
CREATE INDEX "audit_at_index" ON "audit" USING btree ("at");--> statement-breakpoint
CREATE INDEX "audit_officer_id_at_index" ON "audit" USING btree ("officer_id","at");--> statement-breakpoint
CREATE INDEX "audit_subject_index" ON "audit" USING btree ("subject");--> statement-breakpoint
CREATE INDEX "area_shape_gist" ON "area" USING gist ("shape");--> statement-breakpoint
CREATE INDEX "road_line_gist" ON "road" USING gist ("line");--> statement-breakpoint
CREATE INDEX "breadcrumb_unit_id_recorded_at_index" ON "breadcrumb" USING btree ("unit_id","recorded_at");--> statement-breakpoint
CREATE INDEX "briefing_precinct_id_index" ON "briefing" USING btree ("precinct_id");--> statement-breakpoint
CREATE INDEX "briefing_patrol_point_id_index" ON "briefing" USING btree ("patrol_point_id");--> statement-breakpoint
CREATE INDEX "check_in_officer_id_checked_in_at_index" ON "check_in" USING btree ("officer_id","checked_in_at");--> statement-breakpoint
CREATE INDEX "check_in_patrol_point_id_checked_in_at_index" ON "check_in" USING btree ("patrol_point_id","checked_in_at");--> statement-breakpoint
CREATE INDEX "check_in_precinct_id_checked_in_at_index" ON "check_in" USING btree ("precinct_id","checked_in_at");--> statement-breakpoint
CREATE INDEX "check_in_tag_id_checked_in_at_index" ON "check_in" USING btree ("tag_id","checked_in_at");--> statement-breakpoint
CREATE INDEX "check_in_received_at_index" ON "check_in" USING btree ("received_at");--> statement-breakpoint
CREATE INDEX "event_precinct_id_pos_index" ON "event" USING btree ("precinct_id","pos");--> statement-breakpoint
CREATE INDEX "event_at_index" ON "event" USING btree ("at");--> statement-breakpoint
CREATE INDEX "incident_source_occurred_at_index" ON "incident" USING btree ("source","occurred_at");--> statement-breakpoint
CREATE INDEX "incident_precinct_id_occurred_at_index" ON "incident" USING btree ("precinct_id","occurred_at");--> statement-breakpoint
CREATE INDEX "incident_position_gist" ON "incident" USING gist ("position");--> statement-breakpoint
CREATE INDEX "login_attempt_last_failed_at_index" ON "login_attempt" USING btree ("last_failed_at");--> statement-breakpoint
CREATE INDEX "organisation_parent_id_index" ON "organisation" USING btree ("parent_id");--> statement-breakpoint
CREATE INDEX "organisation_area_gist" ON "organisation" USING gist ("area");--> statement-breakpoint
CREATE INDEX "patrol_point_position_gist" ON "patrol_point" USING gist ("position");--> statement-breakpoint
CREATE INDEX "patrol_point_precinct_id_station_id_index" ON "patrol_point" USING btree ("precinct_id","station_id");--> statement-breakpoint
CREATE INDEX "patrol_route_station_id_index" ON "patrol_route" USING btree ("station_id");--> statement-breakpoint
CREATE INDEX "patrol_route_stop_patrol_point_id_index" ON "patrol_route_stop" USING btree ("patrol_point_id");--> statement-breakpoint
CREATE INDEX "patrol_window_due" ON "patrol_window" USING btree ("next_change_at") WHERE "patrol_window"."next_change_at" is not null;--> statement-breakpoint
CREATE INDEX "patrol_window_patrol_point_id_starts_at_index" ON "patrol_window" USING btree ("patrol_point_id","starts_at");--> statement-breakpoint
CREATE INDEX "patrol_window_service_on_precinct_id_state_index" ON "patrol_window" USING btree ("service_on","precinct_id","state");--> statement-breakpoint
CREATE INDEX "window_rule_patrol_point_id_index" ON "window_rule" USING btree ("patrol_point_id");--> statement-breakpoint
CREATE INDEX "window_rule_patrol_route_id_index" ON "window_rule" USING btree ("patrol_route_id");--> statement-breakpoint
CREATE INDEX "session_officer_id_index" ON "session" USING btree ("officer_id");--> statement-breakpoint
CREATE INDEX "shift_station_id_starts_at_index" ON "shift" USING btree ("station_id","starts_at");--> statement-breakpoint
CREATE INDEX "shift_starts_at_ends_at_index" ON "shift" USING btree ("starts_at","ends_at");--> statement-breakpoint
CREATE INDEX "unit_shift_id_index" ON "unit" USING btree ("shift_id");--> statement-breakpoint
CREATE INDEX "unit_precinct_id_index" ON "unit" USING btree ("precinct_id");--> statement-breakpoint
CREATE INDEX "unit_member_officer_id_index" ON "unit_member" USING btree ("officer_id");--> statement-breakpoint
CREATE INDEX "tag_patrol_point_id_index" ON "tag" USING btree ("patrol_point_id");
CREATE TABLE "alert_notice" (
	"id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "alert_notice_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"alert_id" integer NOT NULL,
	"officer_id" integer NOT NULL,
	"level" smallint NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"seen_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "alert_rule" (
	"id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "alert_rule_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"kind" text NOT NULL,
	"precinct_id" integer,
	"enabled" boolean DEFAULT true NOT NULL,
	"thresholds" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"changed_by" integer,
	"changed_at" timestamp with time zone NOT NULL,
	CONSTRAINT "alert_rule_kind_precinctId_unique" UNIQUE NULLS NOT DISTINCT("kind","precinct_id")
);
--> statement-breakpoint
CREATE TABLE "alert_suppression" (
	"id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "alert_suppression_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"plan" text NOT NULL,
	"reason" text NOT NULL,
	"kinds" text[] DEFAULT '{}' NOT NULL,
	"precinct_id" integer,
	"starts_at" timestamp with time zone NOT NULL,
	"ends_at" timestamp with time zone NOT NULL,
	"created_by" integer NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"ended_by" integer,
	"ended_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "audio_lease" (
	"scope_key" text PRIMARY KEY NOT NULL,
	"holder" text NOT NULL,
	"expires_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "feed_key" (
	"id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "feed_key_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"name" text NOT NULL,
	"key_hash" "bytea" NOT NULL,
	"requests_per_minute" integer DEFAULT 60 NOT NULL,
	"created_by" integer,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"last_used_at" timestamp with time zone,
	"revoked_at" timestamp with time zone,
	CONSTRAINT "feed_key_keyHash_unique" UNIQUE("key_hash")
);
--> statement-breakpoint
CREATE TABLE "presence" (
	"area" text PRIMARY KEY NOT NULL,
	"cell" bigint,
	"last_unit_at" timestamp with time zone,
	"watched_since" timestamp with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "alert" ADD COLUMN "closed_by" integer;--> statement-breakpoint
ALTER TABLE "alert" ADD COLUMN "begins_at" timestamp with time zone DEFAULT now() NOT NULL;--> statement-breakpoint
ALTER TABLE "alert" ADD COLUMN "begun_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "alert" ADD COLUMN "asked_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "alert" ADD COLUMN "asks" smallint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "alert" ADD COLUMN "cause_at" timestamp with time zone DEFAULT now() NOT NULL;--> statement-breakpoint
ALTER TABLE "alert" ADD COLUMN "cause_gone_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "alert" ADD COLUMN "shelved_until" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "alert" ADD COLUMN "out_of_service_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "alert" ADD COLUMN "held_by" integer;--> statement-breakpoint
ALTER TABLE "alert" ADD COLUMN "held_reason" text;--> statement-breakpoint
ALTER TABLE "alert" ADD COLUMN "suppression_id" integer;--> statement-breakpoint
ALTER TABLE "alert" ADD COLUMN "suppressed_until" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "alert" ADD COLUMN "escalation" smallint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "alert" ADD COLUMN "escalated_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "alert" ADD COLUMN "parent_id" integer;--> statement-breakpoint
ALTER TABLE "alert" ADD COLUMN "is_parent" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "alert" ADD COLUMN "placed_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "alert" ADD COLUMN "next_change_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "figure" ADD COLUMN "ended" integer;--> statement-breakpoint
ALTER TABLE "figure" ADD COLUMN "on_time" integer;--> statement-breakpoint
ALTER TABLE "figure" ADD COLUMN "points" integer;--> statement-breakpoint
ALTER TABLE "figure" ADD COLUMN "seen_points" integer;--> statement-breakpoint
ALTER TABLE "figure" ADD COLUMN "routes" integer;--> statement-breakpoint
ALTER TABLE "figure" ADD COLUMN "overdue_routes" integer;--> statement-breakpoint
ALTER TABLE "alert_notice" ADD CONSTRAINT "alert_notice_alert_id_alert_id_fk" FOREIGN KEY ("alert_id") REFERENCES "public"."alert"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "alert_notice" ADD CONSTRAINT "alert_notice_officer_id_officer_id_fk" FOREIGN KEY ("officer_id") REFERENCES "public"."officer"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "alert_rule" ADD CONSTRAINT "alert_rule_precinct_id_organisation_id_fk" FOREIGN KEY ("precinct_id") REFERENCES "public"."organisation"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "alert_rule" ADD CONSTRAINT "alert_rule_changed_by_officer_id_fk" FOREIGN KEY ("changed_by") REFERENCES "public"."officer"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "alert_suppression" ADD CONSTRAINT "alert_suppression_precinct_id_organisation_id_fk" FOREIGN KEY ("precinct_id") REFERENCES "public"."organisation"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "alert_suppression" ADD CONSTRAINT "alert_suppression_created_by_officer_id_fk" FOREIGN KEY ("created_by") REFERENCES "public"."officer"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "alert_suppression" ADD CONSTRAINT "alert_suppression_ended_by_officer_id_fk" FOREIGN KEY ("ended_by") REFERENCES "public"."officer"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "feed_key" ADD CONSTRAINT "feed_key_created_by_officer_id_fk" FOREIGN KEY ("created_by") REFERENCES "public"."officer"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "alert_notice_officer_id_at_index" ON "alert_notice" USING btree ("officer_id","at");--> statement-breakpoint
CREATE INDEX "alert_notice_alert_id_index" ON "alert_notice" USING btree ("alert_id");--> statement-breakpoint
CREATE INDEX "alert_suppression_ends_at_index" ON "alert_suppression" USING btree ("ends_at");--> statement-breakpoint
CREATE INDEX "presence_cell_index" ON "presence" USING btree ("cell");--> statement-breakpoint
CREATE INDEX "alert_due" ON "alert" USING btree ("next_change_at") WHERE "alert"."next_change_at" is not null;--> statement-breakpoint
CREATE INDEX "alert_unplaced" ON "alert" USING btree ("id") WHERE "alert"."placed_at" is null and "alert"."begun_at" is not null and "alert"."closed_at" is null;--> statement-breakpoint
CREATE INDEX "alert_children" ON "alert" USING btree ("parent_id") WHERE "alert"."parent_id" is not null;--> statement-breakpoint
CREATE INDEX "alert_open" ON "alert" USING btree ("kind") WHERE "alert"."closed_at" is null;--> statement-breakpoint
CREATE INDEX "alert_begun_at_index" ON "alert" USING btree ("begun_at");--> statement-breakpoint
CREATE INDEX "alert_dedup_key_begun_at_index" ON "alert" USING btree ("dedup_key","begun_at");--> statement-breakpoint
-- Alerts from before: shown since they were raised, open ones asking or answered; the first sweep looks at each.
update alert set begins_at = raised_at, begun_at = raised_at, asked_at = raised_at, asks = 1, cause_at = changed_at,
  placed_at = raised_at, next_change_at = case when closed_at is null then changed_at end;

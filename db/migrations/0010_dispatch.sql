CREATE TABLE "assignment_act" (
	"id" uuid PRIMARY KEY NOT NULL,
	"assignment_id" uuid NOT NULL,
	"act" text NOT NULL,
	"epoch" integer NOT NULL,
	"unit_id" integer NOT NULL,
	"officer_id" integer NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"claimed_at" timestamp (3) with time zone,
	"reason" text,
	"problem" text
);
--> statement-breakpoint
CREATE TABLE "handover" (
	"id" uuid PRIMARY KEY NOT NULL,
	"precinct_id" integer,
	"station_id" integer,
	"notes" text NOT NULL,
	"contents" jsonb NOT NULL,
	"leaving_id" integer NOT NULL,
	"left_at" timestamp with time zone NOT NULL,
	"taking_id" integer,
	"taken_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "joint_defense" (
	"id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "joint_defense_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"name" text NOT NULL,
	"created_by" integer NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"ended_by" integer,
	"ended_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "joint_defense_precinct" (
	"joint_defense_id" integer NOT NULL,
	"precinct_id" integer NOT NULL,
	CONSTRAINT "joint_defense_precinct_joint_defense_id_precinct_id_pk" PRIMARY KEY("joint_defense_id","precinct_id")
);
--> statement-breakpoint
CREATE TABLE "message" (
	"id" uuid PRIMARY KEY NOT NULL,
	"sender_id" integer NOT NULL,
	"audience" text NOT NULL,
	"unit_id" integer,
	"precinct_id" integer,
	"station_id" integer,
	"text" text NOT NULL,
	"urgent" boolean DEFAULT false NOT NULL,
	"sent_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "message_recipient" (
	"message_id" uuid NOT NULL,
	"officer_id" integer NOT NULL,
	"unit_id" integer NOT NULL,
	"read_at" timestamp (3) with time zone,
	CONSTRAINT "message_recipient_message_id_officer_id_pk" PRIMARY KEY("message_id","officer_id")
);
--> statement-breakpoint
ALTER TABLE "assignment" DROP CONSTRAINT "assignment_patrol_route_id_patrol_route_id_fk";
--> statement-breakpoint
DROP INDEX "assignment_precinct_id_ordered_at_index";--> statement-breakpoint
ALTER TABLE "assignment" ALTER COLUMN "ordered_at" SET DATA TYPE timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "assignment" ALTER COLUMN "ordered_at" DROP DEFAULT;--> statement-breakpoint
ALTER TABLE "assignment" ALTER COLUMN "accepted_at" SET DATA TYPE timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "assignment" ALTER COLUMN "en_route_at" SET DATA TYPE timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "assignment" ALTER COLUMN "on_scene_at" SET DATA TYPE timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "assignment" ALTER COLUMN "cleared_at" SET DATA TYPE timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "assignment" ADD COLUMN "title" text NOT NULL;--> statement-breakpoint
ALTER TABLE "assignment" ADD COLUMN "priority" smallint DEFAULT 2 NOT NULL;--> statement-breakpoint
ALTER TABLE "assignment" ADD COLUMN "position" geometry(Point, 4326) NOT NULL;--> statement-breakpoint
ALTER TABLE "assignment" ADD COLUMN "address" text;--> statement-breakpoint
ALTER TABLE "assignment" ADD COLUMN "station_id" integer NOT NULL;--> statement-breakpoint
ALTER TABLE "assignment" ADD COLUMN "place_precinct_id" integer;--> statement-breakpoint
ALTER TABLE "assignment" ADD COLUMN "reason" text;--> statement-breakpoint
ALTER TABLE "assignment" ADD COLUMN "created_at" timestamp (3) with time zone NOT NULL;--> statement-breakpoint
ALTER TABLE "assignment" ADD COLUMN "changed_at" timestamp (3) with time zone NOT NULL;--> statement-breakpoint
ALTER TABLE "handover" ADD CONSTRAINT "handover_leaving_id_officer_id_fk" FOREIGN KEY ("leaving_id") REFERENCES "public"."officer"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "handover" ADD CONSTRAINT "handover_taking_id_officer_id_fk" FOREIGN KEY ("taking_id") REFERENCES "public"."officer"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "joint_defense_precinct" ADD CONSTRAINT "joint_defense_precinct_joint_defense_id_joint_defense_id_fk" FOREIGN KEY ("joint_defense_id") REFERENCES "public"."joint_defense"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "joint_defense_precinct" ADD CONSTRAINT "joint_defense_precinct_precinct_id_organisation_id_fk" FOREIGN KEY ("precinct_id") REFERENCES "public"."organisation"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "message" ADD CONSTRAINT "message_sender_id_officer_id_fk" FOREIGN KEY ("sender_id") REFERENCES "public"."officer"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "message_recipient" ADD CONSTRAINT "message_recipient_message_id_message_id_fk" FOREIGN KEY ("message_id") REFERENCES "public"."message"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "message_recipient" ADD CONSTRAINT "message_recipient_officer_id_officer_id_fk" FOREIGN KEY ("officer_id") REFERENCES "public"."officer"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "assignment_act_assignment_id_at_index" ON "assignment_act" USING btree ("assignment_id","at");--> statement-breakpoint
CREATE INDEX "handover_left_at_index" ON "handover" USING btree ("left_at");--> statement-breakpoint
CREATE INDEX "message_sent_at_index" ON "message" USING btree ("sent_at");--> statement-breakpoint
CREATE INDEX "message_precinct_id_sent_at_index" ON "message" USING btree ("precinct_id","sent_at");--> statement-breakpoint
CREATE INDEX "message_recipient_unread" ON "message_recipient" USING btree ("officer_id") WHERE "message_recipient"."read_at" is null;--> statement-breakpoint
CREATE INDEX "assignment_incident_id_index" ON "assignment" USING btree ("incident_id");--> statement-breakpoint
CREATE INDEX "assignment_precinct_id_created_at_index" ON "assignment" USING btree ("precinct_id","created_at");--> statement-breakpoint
CREATE INDEX "assignment_open" ON "assignment" USING btree ("unit_id") WHERE "assignment"."state" not in ('cleared', 'cancelled');--> statement-breakpoint
ALTER TABLE "assignment" DROP COLUMN "patrol_route_id";
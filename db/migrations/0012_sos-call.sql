CREATE TABLE "sos_call" (
	"id" uuid PRIMARY KEY NOT NULL,
	"officer_id" integer NOT NULL,
	"uploaded_by" integer NOT NULL,
	"called_at" timestamp (3) with time zone NOT NULL,
	"received_at" timestamp (3) with time zone NOT NULL,
	"position" geometry(Point, 4326),
	"accuracy_meters" real,
	"alert_id" integer
);
--> statement-breakpoint
CREATE INDEX "sos_call_officer_id_received_at_index" ON "sos_call" USING btree ("officer_id","received_at");
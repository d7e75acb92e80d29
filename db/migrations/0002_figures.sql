CREATE TABLE "figure" (
	"at" timestamp with time zone NOT NULL,
	"station_id" integer NOT NULL,
	"precinct_id" integer NOT NULL,
	"units_online" integer NOT NULL,
	"due" integer NOT NULL,
	"done" integer NOT NULL,
	"overdue" integer NOT NULL,
	"check_ins" integer NOT NULL,
	CONSTRAINT "figure_at_station_id_pk" PRIMARY KEY("at","station_id")
);
--> statement-breakpoint
CREATE INDEX "figure_precinct_id_at_index" ON "figure" USING btree ("precinct_id","at");--> statement-breakpoint
ALTER TABLE "check_in_conflict" ADD CONSTRAINT "check_in_conflict_checkInId_contentHash_unique" UNIQUE("check_in_id","content_hash");
CREATE TABLE "wall_view" (
	"id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "wall_view_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"wall_display_id" integer NOT NULL,
	"scene" jsonb NOT NULL,
	"sent_by" integer NOT NULL,
	"sent_at" timestamp with time zone NOT NULL,
	"until" timestamp with time zone NOT NULL,
	"ended_at" timestamp with time zone,
	"ended_by" integer
);
--> statement-breakpoint
ALTER TABLE "wall_view" ADD CONSTRAINT "wall_view_wall_display_id_wall_display_id_fk" FOREIGN KEY ("wall_display_id") REFERENCES "public"."wall_display"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "wall_view" ADD CONSTRAINT "wall_view_sent_by_officer_id_fk" FOREIGN KEY ("sent_by") REFERENCES "public"."officer"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "wall_view" ADD CONSTRAINT "wall_view_ended_by_officer_id_fk" FOREIGN KEY ("ended_by") REFERENCES "public"."officer"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "wall_view_wall_display_id_until_index" ON "wall_view" USING btree ("wall_display_id","until");
using System;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace OpsConsole.Data.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class Workshop : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "worksheet_patches",
                columns: table => new
                {
                    seq = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    rollout_id = table.Column<string>(type: "text", nullable: false),
                    id = table.Column<string>(type: "text", nullable: false),
                    field = table.Column<string>(type: "text", nullable: false),
                    over = table.Column<string>(type: "text", nullable: false),
                    value = table.Column<string>(type: "text", nullable: false),
                    author = table.Column<string>(type: "text", nullable: false),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    replaced = table.Column<bool>(type: "boolean", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_worksheet_patches", x => x.seq);
                });

            migrationBuilder.CreateIndex(
                name: "ix_worksheet_patches_field",
                table: "worksheet_patches",
                columns: new[] { "rollout_id", "field", "seq" });

            migrationBuilder.CreateIndex(
                name: "ix_worksheet_patches_standing",
                table: "worksheet_patches",
                columns: new[] { "rollout_id", "seq" },
                filter: "NOT replaced");

            migrationBuilder.CreateIndex(
                name: "ux_worksheet_patches_id",
                table: "worksheet_patches",
                columns: new[] { "rollout_id", "id" },
                unique: true);

            migrationBuilder.CreateTable(
                name: "confirmations",
                columns: table => new
                {
                    rollout_id = table.Column<string>(type: "text", nullable: false),
                    subject = table.Column<string>(type: "text", nullable: false),
                    person_id = table.Column<string>(type: "text", nullable: false),
                    words = table.Column<string>(type: "text", nullable: false),
                    link = table.Column<string>(type: "text", nullable: true),
                    ground = table.Column<string>(type: "text", nullable: false),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_confirmations", x => new { x.rollout_id, x.subject, x.person_id });
                });

            migrationBuilder.CreateTable(
                name: "diagnostics",
                columns: table => new
                {
                    id = table.Column<string>(type: "text", nullable: false),
                    subject = table.Column<string>(type: "text", nullable: false),
                    by = table.Column<string>(type: "text", nullable: false),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    answers = table.Column<string>(type: "text", nullable: false),
                    rollout_id = table.Column<string>(type: "text", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_diagnostics", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "field_comments",
                columns: table => new
                {
                    id = table.Column<string>(type: "text", nullable: false),
                    rollout_id = table.Column<string>(type: "text", nullable: false),
                    field = table.Column<string>(type: "text", nullable: false),
                    text = table.Column<string>(type: "text", nullable: false),
                    author = table.Column<string>(type: "text", nullable: false),
                    mentions = table.Column<string>(type: "text", nullable: false),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    settled_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    settled_by = table.Column<string>(type: "text", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_field_comments", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "routing_drills",
                columns: table => new
                {
                    id = table.Column<string>(type: "text", nullable: false),
                    rollout_id = table.Column<string>(type: "text", nullable: false),
                    row = table.Column<string>(type: "text", nullable: false),
                    scenario = table.Column<string>(type: "text", nullable: false),
                    expected = table.Column<string>(type: "text", nullable: false),
                    started_by = table.Column<string>(type: "text", nullable: false),
                    started_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    acknowledged_by = table.Column<string>(type: "text", nullable: true),
                    ended_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_routing_drills", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "workshop_sessions",
                columns: table => new
                {
                    id = table.Column<string>(type: "text", nullable: false),
                    rollout_id = table.Column<string>(type: "text", nullable: false),
                    code = table.Column<string>(type: "text", nullable: false),
                    facilitator = table.Column<string>(type: "text", nullable: false),
                    opened_by = table.Column<string>(type: "text", nullable: false),
                    opened_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    ended_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    board = table.Column<string>(type: "text", nullable: false),
                    version = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_workshop_sessions", x => x.id);
                });

            migrationBuilder.CreateIndex(
                name: "ix_diagnostics_at",
                table: "diagnostics",
                column: "at");

            migrationBuilder.CreateIndex(
                name: "ix_field_comments_rollout",
                table: "field_comments",
                columns: new[] { "rollout_id", "at" });

            migrationBuilder.CreateIndex(
                name: "ix_routing_drills_rollout",
                table: "routing_drills",
                columns: new[] { "rollout_id", "started_at" });

            migrationBuilder.CreateIndex(
                name: "ix_workshop_sessions_rollout",
                table: "workshop_sessions",
                columns: new[] { "rollout_id", "opened_at" });

            migrationBuilder.CreateIndex(
                name: "ux_workshop_sessions_code",
                table: "workshop_sessions",
                column: "code",
                unique: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "worksheet_patches");

            migrationBuilder.DropTable(
                name: "confirmations");

            migrationBuilder.DropTable(
                name: "diagnostics");

            migrationBuilder.DropTable(
                name: "field_comments");

            migrationBuilder.DropTable(
                name: "routing_drills");

            migrationBuilder.DropTable(
                name: "workshop_sessions");
        }
    }
}

using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace OpsConsole.Data.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class Shadow : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "shadow_records",
                columns: table => new
                {
                    decision_seq = table.Column<long>(type: "INTEGER", nullable: false),
                    decision_id = table.Column<string>(type: "TEXT", nullable: false),
                    rollout_id = table.Column<string>(type: "TEXT", nullable: false),
                    agent_id = table.Column<string>(type: "TEXT", nullable: false),
                    action = table.Column<string>(type: "TEXT", nullable: false),
                    would_be = table.Column<int>(type: "INTEGER", nullable: false),
                    asked_at = table.Column<long>(type: "INTEGER", nullable: false),
                    did = table.Column<int>(type: "INTEGER", nullable: false),
                    human_action = table.Column<string>(type: "TEXT", nullable: true),
                    human_arguments = table.Column<string>(type: "TEXT", nullable: true),
                    note = table.Column<string>(type: "TEXT", nullable: true),
                    agrees = table.Column<bool>(type: "INTEGER", nullable: false),
                    by_person = table.Column<bool>(type: "INTEGER", nullable: false),
                    by = table.Column<string>(type: "TEXT", nullable: false),
                    at = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_shadow_records", x => x.decision_seq);
                });

            migrationBuilder.CreateIndex(
                name: "ix_decisions_samples",
                table: "decisions",
                columns: new[] { "rollout_id", "seq" },
                filter: "would_be IS NOT NULL AND mode <> 2");

            migrationBuilder.CreateIndex(
                name: "ix_shadow_records_apart",
                table: "shadow_records",
                columns: new[] { "rollout_id", "decision_seq" },
                filter: "NOT agrees");

            migrationBuilder.CreateIndex(
                name: "ix_shadow_records_people",
                table: "shadow_records",
                columns: new[] { "rollout_id", "agent_id", "decision_seq" },
                filter: "by_person");

            migrationBuilder.CreateIndex(
                name: "ix_shadow_records_rollout",
                table: "shadow_records",
                columns: new[] { "rollout_id", "asked_at" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "shadow_records");

            migrationBuilder.DropIndex(
                name: "ix_decisions_samples",
                table: "decisions");
        }
    }
}

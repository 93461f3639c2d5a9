using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace OpsConsole.Data.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class Rollups : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "rollup_place",
                columns: table => new
                {
                    id = table.Column<int>(type: "INTEGER", nullable: false),
                    seq = table.Column<long>(type: "INTEGER", nullable: false),
                    turn = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_rollup_place", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "rollup_zones",
                columns: table => new
                {
                    rollout_id = table.Column<string>(type: "TEXT", nullable: false),
                    zone = table.Column<string>(type: "TEXT", nullable: false),
                    rebuild_from = table.Column<long>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_rollup_zones", x => x.rollout_id);
                });

            migrationBuilder.CreateTable(
                name: "rollups",
                columns: table => new
                {
                    rollout_id = table.Column<string>(type: "TEXT", nullable: false),
                    grain = table.Column<int>(type: "INTEGER", nullable: false),
                    start = table.Column<long>(type: "INTEGER", nullable: false),
                    agent_id = table.Column<string>(type: "TEXT", nullable: false),
                    action = table.Column<string>(type: "TEXT", nullable: false),
                    rule = table.Column<string>(type: "TEXT", nullable: false),
                    write = table.Column<bool>(type: "INTEGER", nullable: false),
                    high_consequence = table.Column<bool>(type: "INTEGER", nullable: false),
                    counts = table.Column<string>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_rollups", x => new { x.rollout_id, x.grain, x.start, x.agent_id, x.action, x.rule, x.write, x.high_consequence });
                });
            migrationBuilder.Sql("INSERT INTO rollup_place (id, seq, turn) VALUES (1, 0, 0)");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "rollup_place");

            migrationBuilder.DropTable(
                name: "rollup_zones");

            migrationBuilder.DropTable(
                name: "rollups");
        }
    }
}

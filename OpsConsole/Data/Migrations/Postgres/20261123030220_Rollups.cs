using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace OpsConsole.Data.Migrations.Postgres
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
                    id = table.Column<int>(type: "integer", nullable: false),
                    seq = table.Column<long>(type: "bigint", nullable: false),
                    turn = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_rollup_place", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "rollup_zones",
                columns: table => new
                {
                    rollout_id = table.Column<string>(type: "text", nullable: false),
                    zone = table.Column<string>(type: "text", nullable: false),
                    rebuild_from = table.Column<long>(type: "bigint", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_rollup_zones", x => x.rollout_id);
                });

            migrationBuilder.CreateTable(
                name: "rollups",
                columns: table => new
                {
                    rollout_id = table.Column<string>(type: "text", nullable: false),
                    grain = table.Column<int>(type: "integer", nullable: false),
                    start = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    agent_id = table.Column<string>(type: "text", nullable: false),
                    action = table.Column<string>(type: "text", nullable: false),
                    rule = table.Column<string>(type: "text", nullable: false),
                    write = table.Column<bool>(type: "boolean", nullable: false),
                    high_consequence = table.Column<bool>(type: "boolean", nullable: false),
                    counts = table.Column<string>(type: "text", nullable: false)
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

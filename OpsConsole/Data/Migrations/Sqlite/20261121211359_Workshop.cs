using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace OpsConsole.Data.Migrations.Sqlite
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
                    seq = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    rollout_id = table.Column<string>(type: "TEXT", nullable: false),
                    id = table.Column<string>(type: "TEXT", nullable: false),
                    field = table.Column<string>(type: "TEXT", nullable: false),
                    over = table.Column<string>(type: "TEXT", nullable: false),
                    value = table.Column<string>(type: "TEXT", nullable: false),
                    author = table.Column<string>(type: "TEXT", nullable: false),
                    at = table.Column<long>(type: "INTEGER", nullable: false),
                    replaced = table.Column<bool>(type: "INTEGER", nullable: false)
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
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "worksheet_patches");
        }
    }
}

using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace OpsConsole.Data.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class Toolkit : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "toolkit_exports",
                columns: table => new
                {
                    id = table.Column<string>(type: "TEXT", nullable: false),
                    rollout_id = table.Column<string>(type: "TEXT", nullable: false),
                    what = table.Column<string>(type: "TEXT", nullable: false),
                    sha256 = table.Column<byte[]>(type: "BLOB", nullable: false),
                    bytes = table.Column<int>(type: "INTEGER", nullable: false),
                    by = table.Column<string>(type: "TEXT", nullable: false),
                    at = table.Column<long>(type: "INTEGER", nullable: false),
                    sheets_sequence = table.Column<long>(type: "INTEGER", nullable: false),
                    matrix_version = table.Column<int>(type: "INTEGER", nullable: false),
                    log_sequence = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_toolkit_exports", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "toolkit_shared",
                columns: table => new
                {
                    export_id = table.Column<string>(type: "TEXT", nullable: false),
                    rollout_id = table.Column<string>(type: "TEXT", nullable: false),
                    name = table.Column<string>(type: "TEXT", nullable: false),
                    content = table.Column<byte[]>(type: "BLOB", nullable: false),
                    until = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_toolkit_shared", x => x.export_id);
                });

            migrationBuilder.CreateIndex(
                name: "ix_toolkit_exports_rollout",
                table: "toolkit_exports",
                columns: new[] { "rollout_id", "at" });

            migrationBuilder.CreateIndex(
                name: "ix_toolkit_exports_sha256",
                table: "toolkit_exports",
                column: "sha256");

            migrationBuilder.CreateIndex(
                name: "ix_toolkit_shared_until",
                table: "toolkit_shared",
                column: "until");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "toolkit_exports");

            migrationBuilder.DropTable(
                name: "toolkit_shared");
        }
    }
}

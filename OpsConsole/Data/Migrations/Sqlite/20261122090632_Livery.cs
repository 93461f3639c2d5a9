using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace OpsConsole.Data.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class Livery : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "toolkit_livery",
                columns: table => new
                {
                    rollout_id = table.Column<string>(type: "TEXT", nullable: false),
                    accent = table.Column<string>(type: "TEXT", nullable: false),
                    confidentiality = table.Column<string>(type: "TEXT", nullable: false),
                    logo = table.Column<byte[]>(type: "BLOB", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_toolkit_livery", x => x.rollout_id);
                });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "toolkit_livery");
        }
    }
}

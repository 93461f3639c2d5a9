using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace OpsConsole.Data.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class Links : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "toolkit_links",
                columns: table => new
                {
                    id = table.Column<string>(type: "TEXT", nullable: false),
                    export_id = table.Column<string>(type: "TEXT", nullable: false),
                    rollout_id = table.Column<string>(type: "TEXT", nullable: false),
                    name = table.Column<string>(type: "TEXT", nullable: false),
                    bytes = table.Column<int>(type: "INTEGER", nullable: false),
                    by = table.Column<string>(type: "TEXT", nullable: false),
                    made_at = table.Column<long>(type: "INTEGER", nullable: true),
                    until = table.Column<long>(type: "INTEGER", nullable: false),
                    opened = table.Column<int>(type: "INTEGER", nullable: false),
                    opened_at = table.Column<long>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_toolkit_links", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "toolkit_parts",
                columns: table => new
                {
                    link_id = table.Column<string>(type: "TEXT", nullable: false),
                    number = table.Column<int>(type: "INTEGER", nullable: false),
                    content = table.Column<byte[]>(type: "BLOB", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_toolkit_parts", x => new { x.link_id, x.number });
                });

            migrationBuilder.CreateIndex(
                name: "ix_toolkit_links_rollout",
                table: "toolkit_links",
                columns: new[] { "rollout_id", "until" });

            migrationBuilder.CreateIndex(
                name: "ix_toolkit_links_until",
                table: "toolkit_links",
                column: "until");

            // Links that are out go on opening their files: what they carry is the export's id. Only who exported a file could make a link to it.
            migrationBuilder.Sql("""
                INSERT INTO toolkit_links (id, export_id, rollout_id, name, bytes, "by", made_at, until, opened)
                SELECT s.export_id, s.export_id, s.rollout_id, s.name, e.bytes, e."by", e.at, s.until, 0 FROM toolkit_shared s JOIN toolkit_exports e ON e.id = s.export_id
                """);
            migrationBuilder.Sql("INSERT INTO toolkit_parts (link_id, number, content) SELECT id, 0, content FROM toolkit_shared s JOIN toolkit_links l ON l.id = s.export_id");

            migrationBuilder.DropTable(
                name: "toolkit_shared");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "toolkit_links");

            migrationBuilder.DropTable(
                name: "toolkit_parts");

            migrationBuilder.CreateTable(
                name: "toolkit_shared",
                columns: table => new
                {
                    export_id = table.Column<string>(type: "TEXT", nullable: false),
                    content = table.Column<byte[]>(type: "BLOB", nullable: false),
                    name = table.Column<string>(type: "TEXT", nullable: false),
                    rollout_id = table.Column<string>(type: "TEXT", nullable: false),
                    until = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_toolkit_shared", x => x.export_id);
                });

            migrationBuilder.CreateIndex(
                name: "ix_toolkit_shared_until",
                table: "toolkit_shared",
                column: "until");
        }
    }
}

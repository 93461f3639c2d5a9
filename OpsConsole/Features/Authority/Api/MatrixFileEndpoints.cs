using System.Globalization;
using System.Text;
using OpsConsole.Core.Shared;
using OpsConsole.Features.Access;

namespace OpsConsole.Features.Authority.Api;

/// <summary>What the download links of the matrix page lead to: the same files as of the API, for whoever is signed in.</summary>
internal static class MatrixFileEndpoints
{
    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/rollouts/{id}/matrix/files/{name}", FileAsync).RequireAuthorization().ExcludeFromDescription();

    // name: draft.yaml, or a version as 3.csv
    private static async Task<IResult> FileAsync(string id, string name, HttpContext http, MatrixExport export, CancellationToken ct)
    {
        if (http.SignedIn() is not { } me || MatrixFormats.OfFile(name) is not { } format) return Results.NotFound();
        var which = Path.GetFileNameWithoutExtension(name);
        Result<MatrixFile> file = which == "draft" ? await export.DraftAsync(me, id, format, ct)
            : int.TryParse(which, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? await export.VersionAsync(me, id, number, format, ct) : Fault.NotFound("file");
        if (!file.Ok) return Results.NotFound();
        // Spreadsheets take a file without this mark for something older than UTF-8.
        var text = format == MatrixFormat.Csv ? "\uFEFF" + file.Value.Text : file.Value.Text;
        return Results.File(Encoding.UTF8.GetBytes(text), format switch { MatrixFormat.Json => "application/json", MatrixFormat.Yaml => "application/yaml", _ => "text/csv" }, file.Value.Name);
    }
}

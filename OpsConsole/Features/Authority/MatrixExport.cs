using System.Globalization;
using System.Text.Json;
using OpsConsole.Core.Access;
using OpsConsole.Core.Authority;
using OpsConsole.Core.Shared;
using OpsConsole.Data.Writer;

namespace OpsConsole.Features.Authority;

/// <summary>A matrix to be sent as a file.</summary>
/// <param name="Name">Safe in any file system: letters, digits and hyphens, and the format's ending.</param>
/// <param name="ETag">The draft's; null for a version, which never changes.</param>
public sealed record MatrixFile(string Name, string Text, MatrixFormat Format, string? ETag);

/// <summary>Drafts and versions as files.</summary>
internal sealed class MatrixExport(DurableWriter writer, MatrixDesk desk)
{
    public async Task<Result<MatrixFile>> DraftAsync(PersonCaller caller, string id, MatrixFormat format, CancellationToken ct)
    {
        var draft = await desk.DraftAsync(caller, id, ct);
        return draft.Fault is { } fault ? fault : FileOf(id, "draft", JsonElement.Parse(draft.Value.Json), format, draft.Value.ETag);
    }

    public async Task<Result<MatrixFile>> VersionAsync(PersonCaller caller, string id, int number, MatrixFormat format, CancellationToken ct)
    {
        var version = await desk.VersionAsync(caller, id, number, ct);
        return version.Fault is { } fault ? fault : FileOf(id, string.Create(CultureInfo.InvariantCulture, $"v{number}"), version.Value.Matrix, format, null);
    }

    private Result<MatrixFile> FileOf(string id, string which, JsonElement matrix, MatrixFormat format, string? etag)
    {
        var document = MatrixJson.Parse(matrix);   // refused where a field is from before it was refused
        if (document.Fault is { } fault) return fault;
        var name = writer.State.Rollouts.TryGetValue(id, out var rollout) ? FileName.Slug(rollout.Name) : "";
        return new MatrixFile($"{(name.Length == 0 ? FileName.Slug(id) : name)}-matrix-{which}.{MatrixFormats.Extension(format)}", MatrixFormats.Write(document.Value, format), format, etag);
    }
}

namespace OpsConsole.Core.Toolkit;

/// <summary>A file that was exported: what it shows, and the hash by which it is known again. Never changes.</summary>
public sealed class ToolkitExport
{
    private ToolkitExport() { }
    public ToolkitExport(string id, string rolloutId, string what, byte[] sha256, int bytes, string by, DateTimeOffset at, DataVersion data)
        => (Id, RolloutId, What, Sha256, Bytes, By, At, SheetsSequence, MatrixVersion, LogSequence) = (id, rolloutId, what, sha256, bytes, by, at, data.Sheets, data.Matrix, data.Log);

    public string Id { get; private set; } = "";
    public string RolloutId { get; private set; } = "";
    /// <summary>For people: <c>canvas,authority (blank)</c>, or the decision that the sheet is about.</summary>
    public string What { get; private set; } = "";
    public byte[] Sha256 { get; private set; } = [];
    public int Bytes { get; private set; }
    public string By { get; private set; } = "";
    public DateTimeOffset At { get; private set; }
    public long SheetsSequence { get; private set; }
    public int MatrixVersion { get; private set; }
    public long LogSequence { get; private set; }

    public DataVersion Data => new(SheetsSequence, MatrixVersion, LogSequence);
}

/// <summary>Which data a document shows.</summary>
/// <param name="Sheets">The last patch of the worksheets; 0: nothing is written.</param>
/// <param name="Matrix">The published version; 0: the draft.</param>
/// <param name="Log">The last entry of the audit log.</param>
public sealed record DataVersion(long Sheets, int Matrix, long Log)
{
    public override string ToString() => $"{Sheets}.{Matrix}.{Log}";
}

namespace OpsConsole.Core.Toolkit;

/// <summary>A link that opens one exported file without signing in, until it is over. Its file is kept in <see cref="FilePart"/>s and goes with it.</summary>
public sealed class FileLink
{
    /// <summary>Openings within this time are put on record once.</summary>
    public static readonly TimeSpan OpeningsCountOnceIn = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongestMaking = TimeSpan.FromMinutes(10);

    private FileLink() { }
    /// <summary>A link that opens nothing yet: its file is being written. One that is never finished is over within minutes.</summary>
    public FileLink(string id, string exportId, string rolloutId, string name, int bytes, string by, DateTimeOffset now)
        => (Id, ExportId, RolloutId, Name, Bytes, By, Until) = (id, exportId, rolloutId, name, bytes, by, now + LongestMaking);

    public string Id { get; private set; } = "";
    public string ExportId { get; private set; } = "";
    public string RolloutId { get; private set; } = "";
    /// <summary>What the file is called.</summary>
    public string Name { get; private set; } = "";
    public int Bytes { get; private set; }
    public string By { get; private set; } = "";
    /// <summary>Null until its file is there.</summary>
    public DateTimeOffset? MadeAt { get; private set; }
    public DateTimeOffset Until { get; private set; }
    /// <summary>How often it was opened, as far as that is on record.</summary>
    public int Opened { get; private set; }
    public DateTimeOffset? OpenedAt { get; private set; }

    public bool Opens(DateTimeOffset now) => MadeAt is not null && Until > now;

    /// <summary>The whole file is there; a link that was made before only lives longer, never shorter.</summary>
    public void Make(DateTimeOffset now, DateTimeOffset until)
    {
        Until = MadeAt is null || until > Until ? until : Until;
        MadeAt ??= now;
    }

    /// <summary>Counts an opening; false while the last one on record is too fresh.</summary>
    public bool Open(DateTimeOffset now)
    {
        if (IsFresh(now)) return false;
        (Opened, OpenedAt) = (Opened + 1, now);
        return true;
    }

    /// <summary>Whether an opening now is on record already.</summary>
    public bool IsFresh(DateTimeOffset now) => OpenedAt is { } last && now - last < OpeningsCountOnceIn;

    /// <summary>It opens nothing from now on, by whatever clock.</summary>
    public void End() => Until = DateTimeOffset.UnixEpoch;
}

/// <summary>A piece of a file that a link opens. Pieces, so that no decision waits while 20 MB are written.</summary>
public sealed class FilePart
{
    /// <summary>256 KB: written in 2 ms, where 20 MB in one piece hold the writer for 65 ms on SQLite.</summary>
    public const int MostBytes = 256 * 1024;

    private FilePart() { }
    public FilePart(string linkId, int number, byte[] content) => (LinkId, Number, Content) = (linkId, number, content);

    public string LinkId { get; private set; } = "";
    /// <summary>From 0 on.</summary>
    public int Number { get; private set; }
    public byte[] Content { get; private set; } = [];
}

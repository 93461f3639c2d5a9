namespace OpsConsole.Ui.Shared;

/// <summary>Durations in words. <c>shell.js</c> says the same things while the page stands; keep the two alike.</summary>
public static class Words
{
    /// <summary><c>now</c>, <c>40 s ago</c>, <c>in 4 min</c>, <c>2 h ago</c>, <c>3 days ago</c>; negative is past.</summary>
    public static string Relative(TimeSpan delta)
    {
        var s = (long)Math.Floor(Math.Abs(delta.TotalSeconds));
        var ahead = delta > TimeSpan.Zero ? 1 : 0;   // what lies ahead is rounded: seven days but a second are no six
        var text = s switch { < 60 => $"{s} s", < 3600 => $"{s / 60} min", < 172_800 => $"{(s + 1800 * ahead) / 3600} h", _ => $"{(s + 43_200 * ahead) / 86_400} days" };
        return s < 5 ? "now" : delta > TimeSpan.Zero ? $"in {text}" : $"{text} ago";
    }

    /// <summary><c>2:41 left</c>, <c>1:02:09 left</c>, <c>0:12 over</c>.</summary>
    public static string Left(TimeSpan left)
    {
        var s = (long)Math.Floor(Math.Abs(left.TotalSeconds));
        var text = s >= 3600 ? $"{s / 3600}:{s / 60 % 60:00}:{s % 60:00}" : $"{s / 60}:{s % 60:00}";
        return text + (left < TimeSpan.Zero ? " over" : " left");
    }

    /// <summary>What a clock says, with its colour in words: <c>8:20 left</c>, <c>2:41 left · soon</c>, <c>0:40 left · urgent</c>, <c>0:12 over</c>.</summary>
    public static string Clock(DateTimeOffset due, DateTimeOffset? from, DateTimeOffset now)
        => Left(due - now) + Level(due, from, now) switch { "soon" => " · soon", "late" when due >= now => " · urgent", _ => "" };

    /// <summary><c>calm</c>, <c>soon</c> (last third) or <c>late</c> (last tenth and after).</summary>
    public static string Level(DateTimeOffset due, DateTimeOffset? from, DateTimeOffset now)
    {
        var left = due - now;
        if (left <= TimeSpan.Zero) return "late";
        if (from is not { } start || due <= start) return "calm";
        var share = left / (due - start);
        return share <= 0.1 ? "late" : share <= 0.33 ? "soon" : "calm";
    }
}

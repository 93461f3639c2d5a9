namespace OpsConsole.Startup;

/// <summary>What stands behind <c>matrix …</c>: names without dashes, options with their value, and switches.</summary>
internal sealed class MatrixArguments
{
    private readonly Dictionary<string, string> _options = new(StringComparer.Ordinal);

    /// <summary>What is wrong with them, or null.</summary>
    public string? Wrong { get; private set; }
    public List<string> Names { get; } = [];
    public string? this[string option] => _options.GetValueOrDefault(option);

    /// <param name="options">Those with a value; one that ends in <c>!</c> is a switch without.</param>
    public static MatrixArguments Read(IReadOnlyList<string> args, params ReadOnlySpan<string> options)
    {
        var read = new MatrixArguments();
        for (var i = 0; i < args.Count; i++)
        {
            if (!args[i].StartsWith("--", StringComparison.Ordinal))
            {
                read.Names.Add(args[i]);
                continue;
            }
            var (name, value) = args[i][2..].Split('=', 2) is [var left, var right] ? (left, right) : (args[i][2..], null);
            var isSwitch = options.Contains(name + "!");
            if (!isSwitch && !options.Contains(name)) read.Wrong ??= $"There is no option --{name} here.";
            if (!isSwitch && value is null && (++i == args.Count || (value = args[i]).StartsWith("--", StringComparison.Ordinal))) read.Wrong ??= $"--{name} needs a value.";
            if (!read._options.TryAdd(name, value ?? "")) read.Wrong ??= $"--{name} is given twice.";
        }
        return read;
    }
}

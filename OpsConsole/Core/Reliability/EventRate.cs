namespace OpsConsole.Core.Reliability;

/// <summary>How often something happens among so many occasions, in events per 1,000 of them (incidents per 1,000 executed actions). One occasion may bring more than one event.</summary>
public readonly record struct EventRate
{
    /// <summary>Events among occasions.</summary>
    /// <param name="events">What happened, 0 or more.</param>
    /// <param name="occasions">Among how many, 0 or more; with 0 there is no rate.</param>
    /// <exception cref="ArgumentException">A count is negative.</exception>
    public EventRate(long events, long occasions)
    {
        if (events < 0 || occasions < 0) throw new ArgumentException("Events and occasions are counted from 0.");
        (Events, Occasions) = (events, occasions);
    }

    /// <summary>What happened.</summary>
    public long Events { get; }
    /// <summary>Among how many.</summary>
    public long Occasions { get; }

    /// <summary>Events per 1,000 occasions. Null where there was no occasion.</summary>
    public double? PerThousand => Occasions == 0 ? null : Events * 1000d / Occasions;

    /// <summary>
    /// The exact Poisson interval of <see cref="PerThousand"/>, per 1,000 (Garwood 1936): from χ²(α/2; 2k)/2 to χ²(1−α/2; 2k+2)/2 events. Its lower end is 0 where nothing happened. 3 in 1,000: 0.6187 to 8.7673. Null where there was no occasion.
    /// </summary>
    /// <param name="confidence">1 − α, above 0 and below 1.</param>
    public Interval? Garwood(double confidence = 0.95)
    {
        if (!(confidence > 0 && confidence < 1)) throw new ArgumentException("A confidence lies above 0 and below 1.", nameof(confidence));
        if (Occasions == 0) return null;
        var half = (1 - confidence) / 2;
        var (low, high) = (Events == 0 ? 0 : IncompleteGamma.Quantile(Events, half), IncompleteGamma.Quantile(Events + 1d, 1 - half));
        return new(low * 1000 / Occasions, high * 1000 / Occasions);
    }
}
